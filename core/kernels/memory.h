// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// Makes the process's memory fit for training: big blocks of tensors come from `BigBlocks`, and glibc keeps what it
/// has got. Call it once at the start, before the first tensor. `memory_bytes` is what the process may use, 0 if that
/// isn't known: a block beyond fifteen sixteenths of it throws c10::OutOfMemoryError, since the system would kill who
/// writes there. The user's own settings (MALLOC_…, GLIBC_TUNABLES, LD_PRELOAD of another allocator) are left alone.
void prepare_memory(int64_t memory_bytes);

/// What tensors of a mebibyte or more hold. Without it each of them comes from the system and goes back there, and
/// every page of every step is zeroed again: that alone cost a quarter of a step.
struct BlockStatistics {
  int64_t live_bytes = 0;    ///< Held by tensors.
  int64_t cached_bytes = 0;  ///< Kept for the next tensor.
  int64_t peak_bytes = 0;    ///< Most that tensors ever held at once.
  int64_t mapped = 0;        ///< Blocks asked from the system so far.
  int64_t reused = 0;        ///< Blocks that were there already.
};
BlockStatistics block_statistics();

/// Memory of this process in bytes, now and at most so far: VmRSS and VmHWM of /proc/self/status; 0 where that can't be
/// read.
int64_t resident_memory_bytes();
int64_t peak_memory_bytes();

/// Gives all cached blocks back to the system; for answers to a lack of memory.
void release_cached_blocks();

}  // namespace llavakd
