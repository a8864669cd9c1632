// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/batch.h"

#include <algorithm>
#include <functional>

namespace llavakd {
namespace {

void append(MicroBatch& batch, PreparedSample sample, int64_t side) {
  for (size_t i = 0; i < sample.images.size(); ++i) {
    const bool known = i >= sample.pixel_values.size() || sample.pixel_values[i].empty();
    batch.pixels.push_back(known ? at::Tensor() : at::tensor(sample.pixel_values[i]).reshape({3, side, side}));
    batch.images.push_back(std::move(sample.images[i]));
  }
  batch.sequences.push_back(std::move(sample.sequence));
}

}  // namespace

int64_t MicroBatch::tokens() const {
  int64_t sum = 0;
  for (const Sequence& sequence : sequences) sum += std::ssize(sequence.input_ids);
  return sum;
}

StepBatch make_step_batch(std::vector<PreparedSample> samples, int64_t micro_batch_size, int64_t side) {
  StepBatch step;
  const auto is_skipped = [&](const PreparedSample& sample) {
    if (sample.sequence.skipped) step.skipped.push_back(sample.sequence.id + ": " + *sample.sequence.skipped);
    return sample.sequence.skipped.has_value();
  };
  std::erase_if(samples, is_skipped);
  step.samples = static_cast<int64_t>(samples.size());
  for (const PreparedSample& sample : samples)
    step.truncated.insert(step.truncated.end(), sample.truncated.begin(), sample.truncated.end());
  // Neighbours of equal length need the least padding; the longest first, which need the most memory.
  const auto length = [](const PreparedSample& sample) {
    return sample.sequence.input_ids.size();
  };
  if (micro_batch_size > 1) std::ranges::stable_sort(samples, std::greater{}, length);
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i % static_cast<size_t>(micro_batch_size) == 0) step.micro_batches.emplace_back();
    append(step.micro_batches.back(), std::move(samples[i]), side);
  }
  return step;
}

MicroBatch part(const MicroBatch& batch, size_t first, size_t count) {
  const auto images_in = [&](size_t from, size_t to) {
    size_t images = 0;
    for (size_t i = from; i < to; ++i) images += image_spans(batch.sequences[i]).size();
    return images;
  };
  const auto slice = [](const auto& all, size_t from, size_t number) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    return std::decay_t<decltype(all)>(begin, begin + static_cast<std::ptrdiff_t>(number));
  };
  const size_t image = images_in(0, first), images = images_in(first, first + count);
  return {.sequences = slice(batch.sequences, first, count),
          .images = slice(batch.images, image, images),
          .pixels = slice(batch.pixels, image, images)};
}

StepBatch without_sample(const StepBatch& batch, const std::string& id, const std::string& reason) {
  StepBatch rest{.micro_batches = {},
                 .samples = batch.samples,
                 .skipped = batch.skipped,
                 .told = batch.told,
                 .truncated = batch.truncated};
  const auto append_to = [](auto& all, const auto& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const MicroBatch& micro : batch.micro_batches) {
    MicroBatch kept;
    for (size_t i = 0; i < micro.sequences.size(); ++i) {
      if (micro.sequences[i].id == id) {
        --rest.samples;
        ++rest.told;
        rest.skipped.push_back(id + ": " + reason);
        continue;
      }
      const MicroBatch alone = part(micro, i, 1);
      append_to(kept.sequences, alone.sequences);
      append_to(kept.images, alone.images);
      append_to(kept.pixels, alone.pixels);
    }
    if (!kept.sequences.empty()) rest.micro_batches.push_back(std::move(kept));
  }
  return rest;
}

StepBatch split_micro_batches(const StepBatch& batch, int64_t size) {
  const auto most = static_cast<size_t>(size);
  StepBatch cut{.micro_batches = {},
                .samples = batch.samples,
                .skipped = batch.skipped,
                .told = batch.told,
                .truncated = batch.truncated};
  for (const MicroBatch& micro : batch.micro_batches)
    for (size_t first = 0; first < micro.sequences.size(); first += most)
      cut.micro_batches.push_back(part(micro, first, std::min(most, micro.sequences.size() - first)));
  return cut;
}

}  // namespace llavakd
