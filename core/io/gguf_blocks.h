// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace llavakd {

/// Block-quantised element types of GGUF files: all that ggml stores weights in.
enum class BlockType {
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q8_0,
  Q2_K,
  Q3_K,
  Q4_K,
  Q5_K,
  Q6_K,
  Q8_K,
  IQ2_XXS,
  IQ2_XS,
  IQ3_XXS,
  IQ1_S,
  IQ4_NL,
  IQ3_S,
  IQ2_S,
  IQ4_XS,
  IQ1_M,
  TQ1_0,
  TQ2_0,
  MXFP4,
  NVFP4,
  Q1_0
};

/// Elements and bytes of one block.
struct BlockSize {
  size_t elements, bytes;
};
BlockSize size_of(BlockType type);

/// "Q4_K", … as ggml names it.
std::string_view name_of(BlockType type);

/// The type with this number in a GGUF file (ggml_type); nothing for others.
std::optional<BlockType> block_type_numbered(uint32_t number);

/// What ggml calls a type that can't be read ("Q8_1"); "number 250" where it has no such type.
std::string name_of_unread_type(uint32_t number);

/// Turns whole blocks into float32, bit for bit as the Python package gguf 0.19.0 does (gguf/quants.py), and Q8_K and
/// Q1_0, which it doesn't read, as ggml's C code: each product and sum is rounded. `values` must hold blocks × elements
/// numbers.
void dequantise(BlockType type, std::span<const std::byte> blocks, std::span<float> values);

}  // namespace llavakd
