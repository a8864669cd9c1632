// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_block_readers.h"

namespace llavakd::gguf {

namespace {

/// 32 elements: the low nibbles of 16 bytes, then the high ones. Q4: two quantities, Q5: a fifth bit of each in `high`.
template <typename Value>
void small_block(const uint8_t* nibbles, uint32_t high, float* out, Value value) {
  for (int i = 0; i < 16; ++i) {
    out[i] = value((nibbles[i] & 15) | static_cast<int>(high >> i & 1) << 4);
    out[i + 16] = value(nibbles[i] >> 4 | static_cast<int>(high >> (i + 16) & 1) << 4);
  }
}

/// The numbers of FP4 (E2M1), doubled.
constexpr int8_t kFp4[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// Half of 2^(e - 127), since kFp4 is doubled.
float half_power(uint8_t exponent) {
  return std::bit_cast<float>(exponent < 2 ? 0x00200000U << exponent : (exponent - 1U) << 23);
}

/// Half of an unsigned E4M3 number, since kFp4 is doubled; its NaN counts as 0. The bit of the sign is ignored.
float half_e4m3(uint8_t bits) {
  if (bits == 0x7f) return 0;
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  return exponent == 0 ? std::ldexp(static_cast<float>(fraction), -10)
                       : std::ldexp(static_cast<float>(8 + fraction), exponent - 11);
}

}  // namespace

void q4_0(const uint8_t* b, float* out) {
  const float d = half(b);
  small_block(b + 2, 0, out, [d](int q) { return d * static_cast<float>(q - 8); });
}

void q4_1(const uint8_t* b, float* out) {
  const float d = half(b), m = half(b + 2);
  small_block(b + 4, 0, out, [d, m](int q) { return d * static_cast<float>(q) + m; });
}

void q5_0(const uint8_t* b, float* out) {
  const float d = half(b);
  small_block(b + 6, load32(b + 2), out, [d](int q) { return d * static_cast<float>(q - 16); });
}

void q5_1(const uint8_t* b, float* out) {
  const float d = half(b), m = half(b + 2);
  small_block(b + 8, load32(b + 4), out, [d, m](int q) { return d * static_cast<float>(q) + m; });
}

void q8_0(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(static_cast<int8_t>(b[2 + i])) * d;
}

/// A sign each, lowest bit first.
void q1_0(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int i = 0; i < 128; ++i) out[i] = b[2 + i / 8] >> (i % 8) & 1 ? d : -d;
}

void iq4_nl(const uint8_t* b, float* out) {
  const float d = half(b);
  small_block(b + 2, 0, out, [d](int q) { return d * static_cast<float>(kNonlinear[q]); });
}

void mxfp4(const uint8_t* b, float* out) {
  const float d = half_power(b[0]);
  small_block(b + 1, 0, out, [d](int q) { return d * static_cast<float>(kFp4[q]); });
}

/// Four scales, then sixteen numbers for each of them.
void nvfp4(const uint8_t* b, float* out) {
  for (int group = 0; group < 4; ++group) {
    const float d = half_e4m3(b[group]);
    const uint8_t* quants = b + 4 + group * 8;
    for (int i = 0; i < 8; ++i) {
      out[group * 16 + i] = d * static_cast<float>(kFp4[quants[i] & 15]);
      out[group * 16 + 8 + i] = d * static_cast<float>(kFp4[quants[i] >> 4]);
    }
  }
}

}  // namespace llavakd::gguf
