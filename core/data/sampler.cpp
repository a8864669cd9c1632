// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/base/errors.h"

namespace llavakd {
namespace {

constexpr uint64_t golden_ratio = 0x9E3779B97F4A7C15ULL;

using Batch = std::vector<int64_t>;

uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// The samples of one kind in batches, the longest of each batch first.
std::vector<Batch> batches_of(const std::vector<int64_t>& kind, std::span<const SampleLength> samples,
                              int64_t batch_size, CounterRandom& random) {
  const auto count = static_cast<int64_t>(kind.size());
  const std::vector<int64_t> permutation = random_permutation(count, random);
  std::vector<Batch> batches;
  for (int64_t begin = 0; begin < count; begin += batch_size) {
    Batch batch;
    for (int64_t i = begin; i < std::min(begin + batch_size, count); ++i) {
      batch.push_back(kind[static_cast<size_t>(permutation[static_cast<size_t>(i)])]);
    }
    const auto words = [&](int64_t i) {
      return samples[static_cast<size_t>(i)].words;
    };
    std::stable_sort(batch.begin(), batch.end(), [&](int64_t a, int64_t b) { return words(a) > words(b); });
    batches.push_back(std::move(batch));
  }
  return batches;
}

std::vector<int64_t> by_modality_and_length(std::span<const SampleLength> samples, int64_t batch_size,
                                            CounterRandom& random) {
  std::vector<int64_t> kinds[2];
  for (size_t i = 0; i < samples.size(); ++i) kinds[samples[i].has_image ? 0 : 1].push_back(static_cast<int64_t>(i));
  std::vector<Batch> full;
  std::vector<int64_t> left_over;
  for (const auto& kind : kinds) {
    std::vector<Batch> batches = batches_of(kind, samples, batch_size, random);
    if (batches.empty()) continue;
    // The last batch is set aside even where it is full: that is how the released sampler does it.
    left_over.insert(left_over.end(), batches.back().begin(), batches.back().end());
    batches.pop_back();
    full.insert(full.end(), std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end()));
  }
  std::vector<int64_t> order;
  order.reserve(samples.size());
  const auto first = std::min<int64_t>(batch_size, static_cast<int64_t>(left_over.size()));
  const bool whole = first == batch_size;
  if (whole) order.insert(order.end(), left_over.begin(), left_over.begin() + first);
  for (const int64_t i : random_permutation(static_cast<int64_t>(full.size()), random)) {
    const Batch& batch = full[static_cast<size_t>(i)];
    order.insert(order.end(), batch.begin(), batch.end());
  }
  order.insert(order.end(), left_over.begin() + (whole ? first : 0), left_over.end());
  return order;
}

}  // namespace

CounterRandom::CounterRandom(uint64_t seed, uint64_t stream)
    : key_(mixed(mixed(seed + golden_ratio) + (stream + 1) * golden_ratio)) {}

uint64_t CounterRandom::value(uint64_t index) const {
  return mixed(key_ + (index + 1) * golden_ratio);
}

uint64_t CounterRandom::below(uint64_t bound) {
  return ((next() >> 32) * bound) >> 32;
}

std::vector<int64_t> random_permutation(int64_t count, CounterRandom& random) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) order[static_cast<size_t>(i)] = i;
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(order[static_cast<size_t>(i)], order[random.below(static_cast<uint64_t>(i) + 1)]);
  }
  return order;
}

uint64_t stage_seed(int64_t run_seed, size_t index) {
  return CounterRandom(static_cast<uint64_t>(run_seed), index).value(0);
}

SampleOrder sample_order(std::string_view name) {
  if (name == "random") return SampleOrder::random;
  if (name == "modality_length") return SampleOrder::modality_length;
  throw UserError(fmt::format("There is no sampler '{}'; the known ones are random and modality_length.", name));
}

std::vector<int64_t> epoch_order(SampleOrder order, std::span<const SampleLength> samples, int64_t batch_size,
                                 uint64_t seed, int64_t epoch) {
  if (batch_size < 1) throw std::invalid_argument("epoch_order: batch_size < 1");
  CounterRandom random(seed, static_cast<uint64_t>(epoch));
  if (order == SampleOrder::random) return random_permutation(static_cast<int64_t>(samples.size()), random);
  return by_modality_and_length(samples, batch_size, random);
}

}  // namespace llavakd
