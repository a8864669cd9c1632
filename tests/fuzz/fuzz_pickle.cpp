// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_machine.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// As fuzz_torch_archive.cpp.
MemoryBound memory_bound(Input) {
  return {.block_times = 96, .total_times = 256};
}

void read_hostile(Input input) {
  const PickleMachine machine(std::as_bytes(input), "data.pkl");
  const PickleValue& result = machine.result();
  if (result.kind != PickleValue::Kind::dict) return;
  for (const uint32_t item : machine.items(result)) machine.value(item);
}

}  // namespace llavakd::fuzz
