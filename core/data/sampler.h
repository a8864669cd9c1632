// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace llavakd {

/// Random numbers by counting: value `i` of a stream is SplitMix64's finaliser of key + (i + 1) · 0x9E3779B97F4A7C15.
/// Any value can be had without the ones before it, and all are the same on every platform and compiler.
class CounterRandom {
 public:
  /// Streams of different (seed, stream) are independent.
  CounterRandom(uint64_t seed, uint64_t stream);
  uint64_t value(uint64_t index) const;
  uint64_t next() { return value(counter_++); }
  /// A number from 0 to bound - 1, for 1 ≤ bound ≤ 2^32, from the upper 32 bits of the next value (multiply and
  /// shift; the bias is at most bound / 2^32).
  uint64_t below(uint64_t bound);

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

/// A random permutation of 0 … count - 1 (Fisher-Yates from the end).
std::vector<int64_t> random_permutation(int64_t count, CounterRandom& random);

/// Decides the order of a stage's data: depends on the run's seed and the stage's place in the schedule alone, so that
/// two schedules that differ in what a stage does still see the same samples in the same order.
uint64_t stage_seed(int64_t run_seed, size_t index);

enum class SampleOrder {
  random,           ///< A new permutation each epoch.
  modality_length,  ///< Batches of one kind (with or without image) and of similar length.
};

/// "random" or "modality_length"; throws UserError listing both.
SampleOrder sample_order(std::string_view name);

/// What modality_length needs to know of a sample.
struct SampleLength {
  int64_t words = 0;  ///< Separated by white space, over all turns.
  bool has_image = false;
};

/// The order in which an epoch visits the samples; depends on nothing but the arguments, so that a run can be resumed
/// from (seed, epoch) and a position. For modality_length see LLaVA's `group_by_modality_length` (one process, so a
/// megabatch is one batch): each kind is permuted, cut into batches, each batch sorted by falling length; the full
/// batches are shuffled; of what is left over of both kinds, whole batches come first and the rest last.
std::vector<int64_t> epoch_order(SampleOrder order, std::span<const SampleLength> samples, int64_t batch_size,
                                 uint64_t seed, int64_t epoch);

}  // namespace llavakd
