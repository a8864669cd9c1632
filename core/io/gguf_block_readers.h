// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

/// Parts of gguf_blocks.cpp: one function for each block type, which reads one block's bytes (ggml-common.h has the
/// layouts) and writes its numbers.
namespace llavakd::gguf {

/// An IEEE half-precision number.
inline float half(uint16_t bits) {
  const uint32_t sign = (bits & 0x8000U) << 16, exponent = bits >> 10 & 31U, fraction = bits & 0x3ffU;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  const uint32_t widened = exponent == 31 ? 0xff : exponent + 112;
  return std::bit_cast<float>(sign | widened << 23 | fraction << 13);
}

inline uint16_t load16(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] | bytes[1] << 8);
}

inline uint32_t load32(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

inline float half(const uint8_t* bytes) {
  return half(load16(bytes));
}

using BlockReader = void(const uint8_t* block, float* out);

// Blocks of 32 to 128 numbers: gguf_small_blocks.cpp
BlockReader q4_0, q4_1, q5_0, q5_1, q8_0, q1_0, iq4_nl, mxfp4, nvfp4;
// Blocks of 256 with scales of their own for 16 or 32 of them: gguf_k_blocks.cpp
BlockReader q2_k, q3_k, q4_k, q5_k, q6_k, q8_k, tq1_0, tq2_0, iq4_xs;
// Blocks of 256 whose eights or fours are entries of a codebook: gguf_codebook_blocks.cpp
BlockReader iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s;

/// The sixteen values that a nibble of IQ4_NL and IQ4_XS encodes.
inline constexpr int8_t kNonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

}  // namespace llavakd::gguf
