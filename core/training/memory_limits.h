// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <exception>
#include <string>

#include "core/distributed/communicator.h"
#include "core/run/train_progress.h"
#include "core/training/batch.h"

namespace llavakd {

/// Lowers the limits by one notch after a step on `batch` has run out of memory: half the micro-batch; at one sample
/// recomputing, where that is allowed. Returns what was done, as a sentence. Throws RunError when nothing is left.
std::string reduce_memory(MemoryLimits& limits, const StepBatch& batch, bool may_recompute);

/// The limits that hold for all ranks: the smallest micro-batch, and recomputing if one of them must.
MemoryLimits lowest_of_ranks(const MemoryLimits& limits, Communicator& communicator);

/// Whether the host's or the accelerator's memory ran out.
bool is_out_of_memory(const std::exception& error);

}  // namespace llavakd
