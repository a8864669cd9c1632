// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torch_archive.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/stored_tensor_check.h"

namespace llavakd::fuzz {

/// A value of the pickle takes one byte (EMPTY_TUPLE) in the file, and 40 and a vector of its items here; the vector of
/// values doubles as it grows.
MemoryBound memory_bound(Input) {
  return {.block_times = 96, .total_times = 256};
}

void read_hostile(Input input) {
  check_inside(open_torch_archive(scratch_file("pytorch_model.bin", input)));
}

}  // namespace llavakd::fuzz
