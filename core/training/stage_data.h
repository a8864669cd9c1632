// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/data/dataset.h"
#include "core/data/loader.h"
#include "core/project/options.h"
#include "core/training/batch.h"

namespace llavakd {

/// Everything that the samples of a stage depend on.
struct StageDataOptions {
  StageOptions stage;
  std::shared_ptr<const Dataset> dataset;
  std::filesystem::path images_folder;
  std::string conversation_template;
  AspectRatio aspect = AspectRatio::square;
  int64_t max_length = 2048;
  uint64_t seed = 0;       ///< Of the stage: see stage_seed().
  int64_t first_step = 0;  ///< Steps that a resumed stage has done.
  int64_t at_most = 0;     ///< Samples to go through; 0: all that are left of the stage.
  int workers = 1;
  /// Images whose features a cache has needn't be decoded. Called from the workers; may be empty.
  std::function<bool(const ImageRef& image)> has_features;
};

/// Different images that the samples name.
int64_t distinct_images(const Dataset& dataset);

/// The samples that a stage goes through, epoch after epoch, each in its own order. The epochs follow on each other
/// without a gap, so that all steps but the very last are full; with modality_length, whose batches belong together, an
/// epoch's remainder is left out instead.
std::vector<int64_t> stage_order(const StageOptions& stage, const Dataset& dataset, uint64_t seed);

/// The data of a stage: prepared ahead by worker threads, handed out one optimizer step at a time.
class StageData {
 public:
  /// `student` must outlive this.
  StageData(const LoadedModel& student, StageDataOptions options);

  int64_t samples() const { return options_.dataset->size(); }
  int64_t visual_tokens() const { return student_.model.config().visual_tokens(); }

  /// The samples of the next step.
  StepBatch next();

  /// Why none of the stage's samples can be learnt from right now, or none of those with an image: the first one's
  /// reason. Tries samples that are spread evenly over the file until one can be used; nothing where that is so.
  std::optional<std::string> lost_reason() const;

  /// Tells the workers that the images of a batch needn't be decoded again.
  void skip_decoding(const StepBatch& batch);

 private:
  PreparedSample prepared(int64_t index, const PreparationOptions& how) const;
  std::optional<std::string> lost_reason_of(bool with_image) const;

  const LoadedModel& student_;
  const StageDataOptions options_;
  PreparationOptions preparation_;
  std::mutex mutex_;
  std::unordered_set<ImageRef> known_images_;
  std::unique_ptr<SampleLoader> loader_;  ///< Last: its threads use the others.
};

}  // namespace llavakd
