// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/batch.h"

#include <algorithm>

namespace llavakd {
namespace {

// A sequence that was cut may lack its last pictures.
int64_t pictures_in(const std::vector<int64_t>& input_ids, int64_t visual_tokens) {
  const int64_t positions = std::ranges::count(input_ids, image_token_index);
  return (positions + visual_tokens - 1) / visual_tokens;
}

void append(MicroBatch& batch, PreparedSample sample, int64_t side) {
  for (size_t i = 0; i < sample.image_files.size(); ++i) {
    const bool known = i >= sample.pixel_values.size() || sample.pixel_values[i].empty();
    batch.pixels.push_back(known ? at::Tensor() : at::tensor(sample.pixel_values[i]).reshape({3, side, side}));
    batch.pictures.push_back(std::move(sample.image_files[i]));
  }
  batch.input_ids.push_back(sample.sequence.input_ids);
  batch.sequences.push_back(std::move(sample.sequence));
}

}  // namespace

int64_t MicroBatch::tokens() const {
  int64_t sum = 0;
  for (const auto& ids : input_ids) sum += static_cast<int64_t>(ids.size());
  return sum;
}

StepBatch make_step_batch(std::vector<PreparedSample> samples, int64_t micro_batch_size, int64_t side) {
  StepBatch step;
  for (PreparedSample& sample : samples) {
    if (sample.sequence.skipped) {
      step.skipped.push_back(sample.sequence.id + ": " + *sample.sequence.skipped);
      continue;
    }
    if (step.samples % micro_batch_size == 0) step.micro_batches.emplace_back();
    append(step.micro_batches.back(), std::move(sample), side);
    ++step.samples;
  }
  return step;
}

MicroBatch only(const MicroBatch& batch, size_t index, int64_t visual_tokens) {
  int64_t first = 0;
  for (size_t i = 0; i < index; ++i) first += pictures_in(batch.input_ids[i], visual_tokens);
  const int64_t count = pictures_in(batch.input_ids[index], visual_tokens);
  const auto part = [&](const auto& all) {
    return std::decay_t<decltype(all)>(all.begin() + first, all.begin() + first + count);
  };
  return {.sequences = {batch.sequences[index]},
          .input_ids = {batch.input_ids[index]},
          .pictures = part(batch.pictures),
          .pixels = part(batch.pixels)};
}

}  // namespace llavakd
