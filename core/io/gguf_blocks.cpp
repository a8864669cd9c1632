// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_blocks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/io/gguf_block_readers.h"

namespace llavakd {

namespace {

struct BlockForm {
  BlockType type;
  uint32_t number;  // ggml_type
  BlockSize size;
  std::string_view name;
  gguf::BlockReader* read;
};

/// In the order of the enumeration.
constexpr std::array kBlockForms{
    BlockForm{BlockType::Q4_0, 2, {32, 18}, "Q4_0", gguf::q4_0},
    BlockForm{BlockType::Q4_1, 3, {32, 20}, "Q4_1", gguf::q4_1},
    BlockForm{BlockType::Q5_0, 6, {32, 22}, "Q5_0", gguf::q5_0},
    BlockForm{BlockType::Q5_1, 7, {32, 24}, "Q5_1", gguf::q5_1},
    BlockForm{BlockType::Q8_0, 8, {32, 34}, "Q8_0", gguf::q8_0},
    BlockForm{BlockType::Q2_K, 10, {256, 84}, "Q2_K", gguf::q2_k},
    BlockForm{BlockType::Q3_K, 11, {256, 110}, "Q3_K", gguf::q3_k},
    BlockForm{BlockType::Q4_K, 12, {256, 144}, "Q4_K", gguf::q4_k},
    BlockForm{BlockType::Q5_K, 13, {256, 176}, "Q5_K", gguf::q5_k},
    BlockForm{BlockType::Q6_K, 14, {256, 210}, "Q6_K", gguf::q6_k},
    BlockForm{BlockType::Q8_K, 15, {256, 292}, "Q8_K", gguf::q8_k},
    BlockForm{BlockType::IQ2_XXS, 16, {256, 66}, "IQ2_XXS", gguf::iq2_xxs},
    BlockForm{BlockType::IQ2_XS, 17, {256, 74}, "IQ2_XS", gguf::iq2_xs},
    BlockForm{BlockType::IQ3_XXS, 18, {256, 98}, "IQ3_XXS", gguf::iq3_xxs},
    BlockForm{BlockType::IQ1_S, 19, {256, 50}, "IQ1_S", gguf::iq1_s},
    BlockForm{BlockType::IQ4_NL, 20, {32, 18}, "IQ4_NL", gguf::iq4_nl},
    BlockForm{BlockType::IQ3_S, 21, {256, 110}, "IQ3_S", gguf::iq3_s},
    BlockForm{BlockType::IQ2_S, 22, {256, 82}, "IQ2_S", gguf::iq2_s},
    BlockForm{BlockType::IQ4_XS, 23, {256, 136}, "IQ4_XS", gguf::iq4_xs},
    BlockForm{BlockType::IQ1_M, 29, {256, 56}, "IQ1_M", gguf::iq1_m},
    BlockForm{BlockType::TQ1_0, 34, {256, 54}, "TQ1_0", gguf::tq1_0},
    BlockForm{BlockType::TQ2_0, 35, {256, 66}, "TQ2_0", gguf::tq2_0},
    BlockForm{BlockType::MXFP4, 39, {32, 17}, "MXFP4", gguf::mxfp4},
    BlockForm{BlockType::NVFP4, 40, {64, 36}, "NVFP4", gguf::nvfp4},
    BlockForm{BlockType::Q1_0, 41, {128, 18}, "Q1_0", gguf::q1_0},
};

/// Types that no file of weights should have, or that ggml has given up.
constexpr std::array<std::pair<uint32_t, std::string_view>, 9> kUnread{{{4, "Q4_2"},
                                                                        {5, "Q4_3"},
                                                                        {9, "Q8_1"},
                                                                        {31, "Q4_0_4_4"},
                                                                        {32, "Q4_0_4_8"},
                                                                        {33, "Q4_0_8_8"},
                                                                        {36, "IQ4_NL_4_4"},
                                                                        {37, "IQ4_NL_4_8"},
                                                                        {38, "IQ4_NL_8_8"}}};

}  // namespace

BlockSize size_of(BlockType type) {
  return kBlockForms[static_cast<size_t>(type)].size;
}

std::string_view name_of(BlockType type) {
  return kBlockForms[static_cast<size_t>(type)].name;
}

std::optional<BlockType> block_type_numbered(uint32_t number) {
  for (const BlockForm& row : kBlockForms) {
    if (row.number == number) return row.type;
  }
  return std::nullopt;
}

std::string name_of_unread_type(uint32_t number) {
  for (const auto& [known, name] : kUnread) {
    if (known == number) return std::string(name);
  }
  return "number " + std::to_string(number);
}

void dequantise(BlockType type, std::span<const std::byte> blocks, std::span<float> values) {
  const BlockForm& row = kBlockForms[static_cast<size_t>(type)];
  const auto* bytes = reinterpret_cast<const uint8_t*>(blocks.data());
  const size_t count = std::min(blocks.size() / row.size.bytes, values.size() / row.size.elements);
  for (size_t i = 0; i < count; ++i) row.read(bytes + i * row.size.bytes, values.data() + i * row.size.elements);
}

}  // namespace llavakd
