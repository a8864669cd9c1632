// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <exception>
#include <string>

#include "core/distributed/communicator.h"
#include "core/training/batch.h"

namespace llavakd {

/// What memory allows of a step. Lowering it changes speed and the last bits, not the gradient.
struct MemoryLimits {
  int64_t micro_batch_size = 0;  ///< Samples that go together at most. 0: as many as the stage says.
  bool recompute = false;        ///< The student keeps its layers' inputs only (activation checkpointing).
  bool operator==(const MemoryLimits&) const = default;
};

/// Lowers the limits by one notch after a step on `batch` has run out of memory: half the micro-batch; at one sample
/// recomputing, where that is allowed. Returns what was done, as a sentence. Throws RunError when nothing is left.
std::string reduce_memory(MemoryLimits& limits, const StepBatch& batch, bool may_recompute);

/// The limits that hold for all ranks: the smallest micro-batch, and recomputing if one of them must.
MemoryLimits lowest_of_ranks(const MemoryLimits& limits, Communicator& communicator);

/// Whether the host's or the accelerator's memory ran out.
bool is_out_of_memory(const std::exception& error);

}  // namespace llavakd
