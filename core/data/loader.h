// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/data/sample.h"
#include "core/image/processor.h"
#include "core/text/conversation.h"

namespace llavakd {

/// A sample ready for a step.
struct PreparedSample {
  int64_t index = 0;  ///< In the dataset.
  /// `skipped` says why when the sample can't be learnt from, the same as check_data says; ids may be empty then.
  Sequence sequence;
  std::vector<ImageRef> images;                  ///< Those that max_length leaves in the sequence, by their paths.
  std::vector<std::vector<float>> pixel_values;  ///< Of each image, [3, H, W]; empty when not asked for.
  std::vector<std::string> truncated;            ///< Keys of those that are cut short and used as far as they go.
};

/// How samples are made ready: everything but the samples themselves.
struct PreparationOptions {
  std::filesystem::path images_folder;
  const ConversationTemplate* conversation_template = nullptr;  ///< A sample's own template goes before.
  int64_t visual_tokens = 0;                                    ///< Positions that an image takes.
  int64_t max_length = 2048;
  ImageProcessor processor;
  AspectRatio aspect = AspectRatio::square;
  /// Images for which this returns false aren't decoded (their features are known already). Empty: all are. Called
  /// from the worker threads.
  std::function<bool(const ImageRef& image)> needs_pixels;
};

/// Text to ids and labels, image files to pixel values. Faults of the sample go to `sequence.skipped`.
PreparedSample prepare_sample(const Sample& sample, int64_t index, const Tokenizer& tokenizer,
                              const PreparationOptions& options);

/// Prepares samples ahead of the step in worker threads. Hands them out in the given order, whatever the number of
/// workers; at most `ahead` samples wait.
class SampleLoader {
 public:
  using Prepare = std::function<PreparedSample(int64_t index)>;

  /// `order` holds indices for `prepare`, which runs on several threads at once. Anything that it throws comes out of
  /// next() at that place.
  SampleLoader(std::vector<int64_t> order, Prepare prepare, int workers, int64_t ahead);
  ~SampleLoader();
  SampleLoader(const SampleLoader&) = delete;
  SampleLoader& operator=(const SampleLoader&) = delete;

  /// The next sample, or nothing when the order is at its end. Waits for it.
  std::optional<PreparedSample> next();
  /// Time that next() has spent waiting so far.
  double waiting_seconds() const { return waiting_seconds_; }

 private:
  struct Result {
    PreparedSample sample;
    std::exception_ptr error;
  };
  void work(const std::stop_token& stop);

  const std::vector<int64_t> order_;
  const Prepare prepare_;
  const int64_t ahead_;
  std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable ready_;
  int64_t claimed_ = 0;   ///< Positions of the order that workers have taken.
  int64_t consumed_ = 0;  ///< Positions that next() has handed out.
  std::map<int64_t, Result> done_;
  double waiting_seconds_ = 0;
  std::vector<std::jthread> workers_;  ///< Last: they end before what they use does.
};

}  // namespace llavakd
