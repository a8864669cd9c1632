// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/stored_tensor_check.h"

namespace llavakd::fuzz {

/// The header is JSON: see fuzz_json.cpp.
MemoryBound memory_bound(Input) {
  return {.block_times = 32, .total_times = 96};
}

void read_hostile(Input input) {
  check_inside(open_safetensors(scratch_file("model.safetensors", input)).tensors);
}

}  // namespace llavakd::fuzz
