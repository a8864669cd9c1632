// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <vector>

#include "core/io/gguf_blocks.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// The most elements a byte: Q1_0 has 128 in 18 bytes, of 4 bytes each here.
MemoryBound memory_bound(Input) {
  return {.block_times = 29};
}

/// The first byte is the type's number, the rest whole blocks.
void read_hostile(Input input) {
  if (input.empty()) return;
  const auto type = block_type_numbered(input[0]);
  if (!type) return;
  const BlockSize size = size_of(*type);
  const size_t blocks = (input.size() - 1) / size.bytes;
  std::vector<float> values(blocks * size.elements);
  dequantise(*type, std::as_bytes(input.subspan(1, blocks * size.bytes)), values);
}

}  // namespace llavakd::fuzz
