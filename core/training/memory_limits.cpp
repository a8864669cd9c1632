// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/memory_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string_view>

#include "core/base/errors.h"

namespace llavakd {

std::string reduce_memory(MemoryLimits& limits, const StepBatch& batch, bool may_recompute) {
  size_t together = 1;
  for (const MicroBatch& micro : batch.micro_batches) together = std::max(together, micro.sequences.size());
  if (together > 1) {
    limits.micro_batch_size = static_cast<int64_t>((together + 1) / 2);
    return fmt::format(
        "Memory did not suffice for {} samples at a time: from this step on {} go through the models together.",
        together, limits.micro_batch_size);
  }
  limits.micro_batch_size = 1;
  if (limits.recompute || !may_recompute)
    throw RunError(
        "Out of memory with one sample at a time. Lower the project's max_length, set run.precision to bf16 or "
        "run.activation_checkpointing to auto, or use a machine with more memory; the last checkpoint is still good.");
  limits.recompute = true;
  return "Memory did not suffice for one sample: from this step on the student's activations are computed again on "
         "the way back, which is slower.";
}

MemoryLimits lowest_of_ranks(const MemoryLimits& limits, Communicator& communicator) {
  constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();
  const int64_t here = limits.micro_batch_size > 0 ? limits.micro_batch_size : unlimited;
  const int64_t lowest = communicator.lowest(here);
  return {.micro_batch_size = lowest == unlimited ? 0 : lowest, .recompute = !communicator.all(!limits.recompute)};
}

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) || dynamic_cast<const c10::OutOfMemoryError*>(&error)) return true;
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  if (!torch) return false;
  // LibTorch's allocator on the CPU has no error type of its own.
  const std::string_view text = torch->what_without_backtrace();
  return text.find("DefaultCPUAllocator") != std::string_view::npos ||
         text.find("can't allocate memory") != std::string_view::npos;
}

}  // namespace llavakd
