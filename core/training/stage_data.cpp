// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/stage_data.h"

#include <algorithm>

#include "core/data/sampler.h"
#include "core/project/project_file.h"

namespace llavakd {

std::vector<int64_t> stage_order(const StageOptions& stage, const Dataset& dataset, uint64_t seed) {
  const int64_t count = dataset.size();
  const int64_t steps = stage_steps(stage, count);
  const auto total = static_cast<size_t>(std::min(steps * stage.batch_size, stage_samples(stage, count)));
  std::vector<SampleLength> lengths;
  lengths.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) lengths.push_back(dataset.length(i));
  std::vector<int64_t> order;
  const SampleOrder kind = sample_order(stage.sampler);
  order.reserve(total + static_cast<size_t>(count));
  for (int64_t epoch = 0; order.size() < total; ++epoch) {
    auto part = epoch_order(kind, lengths, stage.batch_size, seed, epoch);
    // What is over at an epoch's end would shift all later batches, which then are of two kinds and lengths.
    const int64_t over = count % stage.batch_size;
    if (kind == SampleOrder::modality_length && over < count && order.size() + part.size() < total)
      part.resize(static_cast<size_t>(count - over));
    order.insert(order.end(), part.begin(), part.end());
  }
  order.resize(total);
  return order;
}

int64_t distinct_images(const Dataset& dataset) {
  std::unordered_set<ImageRef> images;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    const auto sample = dataset.sample(i);
    images.insert(sample->images.begin(), sample->images.end());
  }
  return static_cast<int64_t>(images.size());
}

StageData::StageData(const LoadedModel& student, StageDataOptions options)
    : student_(student), options_(std::move(options)) {
  const StageOptions& stage = options_.stage;
  preparation_ = {.images_folder = options_.images_folder,
                  .conversation_template = &conversation_template(options_.conversation_template),
                  .visual_tokens = visual_tokens(),
                  .max_length = options_.max_length,
                  .processor = student_.processor,
                  .aspect = options_.aspect,
                  .needs_pixels = {}};
  preparation_.needs_pixels = [this](const ImageRef& image) {
    {
      const std::scoped_lock lock(mutex_);
      if (known_images_.contains(image)) return false;
    }
    return !options_.has_features || !options_.has_features(image);
  };
  std::vector<int64_t> order = stage_order(stage, *options_.dataset, options_.seed);
  const int64_t done = std::min(options_.first_step * stage.batch_size, static_cast<int64_t>(order.size()));
  order.erase(order.begin(), order.begin() + done);
  if (options_.at_most > 0) order.resize(std::min(order.size(), static_cast<size_t>(options_.at_most)));
  const auto prepare = [this](int64_t index) {
    return prepared(index, preparation_);
  };
  // The whole next step while this one runs.
  const int64_t ahead = std::max<int64_t>(stage.batch_size, 2 * options_.workers);
  loader_ = std::make_unique<SampleLoader>(std::move(order), prepare, options_.workers, ahead);
}

PreparedSample StageData::prepared(int64_t index, const PreparationOptions& how) const {
  return prepare_sample(*options_.dataset->sample(index), index, student_.tokenizer, how);
}

std::optional<std::string> StageData::lost_reason() const {
  auto reason = lost_reason_of(true);
  return reason ? reason : lost_reason_of(false);
}

std::optional<std::string> StageData::lost_reason_of(bool with_image) const {
  constexpr size_t most_tried = 1000;  // so that few usable samples among many are found nearly for certain
  std::vector<int64_t> places;
  for (int64_t i = 0; i < samples(); ++i)
    if (!with_image || !options_.dataset->sample(i)->images.empty()) places.push_back(i);
  const size_t tried = std::min(most_tried, places.size());
  PreparationOptions with_pixels = preparation_;
  with_pixels.needs_pixels = {};  // an image whose features are kept tells nothing of the others
  std::optional<std::string> first;
  for (size_t i = 0; i < tried; ++i) {
    const Sequence sequence = prepared(places[i * places.size() / tried], with_pixels).sequence;
    if (!sequence.skipped) return std::nullopt;
    if (!first) first = sequence.id + ": " + *sequence.skipped;
  }
  return first;
}

StepBatch StageData::next() {
  std::vector<PreparedSample> samples;
  while (static_cast<int64_t>(samples.size()) < options_.stage.batch_size) {
    auto sample = loader_->next();
    if (!sample) break;
    samples.push_back(std::move(*sample));
  }
  return make_step_batch(std::move(samples), options_.stage.micro_batch_size,
                         student_.model.config().vision.image_size);
}

void StageData::skip_decoding(const StepBatch& batch) {
  const std::scoped_lock lock(mutex_);
  for (const MicroBatch& micro : batch.micro_batches) known_images_.insert(micro.images.begin(), micro.images.end());
}

}  // namespace llavakd
