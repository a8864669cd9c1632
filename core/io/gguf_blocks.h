// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace llavakd {

/// Block-quantised element types of GGUF files (ggml's block_q4_0 … block_q6_K).
enum class BlockType { Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K };

/// Elements and bytes of one block.
struct BlockSize {
  size_t elements, bytes;
};
BlockSize size_of(BlockType type);

/// "Q4_K", … as ggml names it.
std::string_view name_of(BlockType type);

/// The type with this number in a GGUF file (ggml_type); nothing for others.
std::optional<BlockType> block_type_numbered(uint32_t number);

/// Turns whole blocks into float32, bit for bit as ggml's reference (gguf-py/gguf/quants.py): one multiplication and at
/// most one addition an element, each rounded. `values` must hold blocks × elements numbers.
void dequantise(BlockType type, std::span<const std::byte> blocks, std::span<float> values);

}  // namespace llavakd
