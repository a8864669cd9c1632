// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <bit>
#include <cstdint>

namespace llavakd {

/// A float32 in two halves of 16 bits: the nearest bfloat16 and what is missing from there, so that a model's bfloat16
/// weight is itself one half of the optimizer's float32 one.
///   bits of the float32 = (bits of the bfloat16 << 16) + remainder, modulo 2^32
/// Every pattern of bits comes back, that of a NaN too. What is midway between two bfloat16 is rounded away from zero:
/// to the even one, which LibTorch chooses, two patterns would go with one remainder.
struct SplitFloat {
  uint16_t high = 0;  ///< A bfloat16.
  int16_t remainder = 0;
};

constexpr SplitFloat split_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return {static_cast<uint16_t>((bits + 0x8000U) >> 16), static_cast<int16_t>(static_cast<uint16_t>(bits))};
}

constexpr float join_float(uint16_t high, int16_t remainder) {
  return std::bit_cast<float>((static_cast<uint32_t>(high) << 16) + static_cast<uint32_t>(remainder));
}

/// A bfloat16 as it is.
constexpr float widen(uint16_t bfloat16) {
  return std::bit_cast<float>(static_cast<uint32_t>(bfloat16) << 16);
}

}  // namespace llavakd
