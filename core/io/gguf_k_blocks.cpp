// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "core/io/gguf_block_readers.h"

namespace llavakd::gguf {

namespace {

/// Two bits of element e in 64 bytes: halves of 128 elements, in each four planes of 32.
int two_bits(const uint8_t* bytes, int e) {
  return bytes[e / 128 * 32 + e % 32] >> (e % 128 / 32 * 2) & 3;
}

/// Scale and minimum of the eight groups of 32, six bits each in twelve bytes.
void group_scale(const uint8_t* packed, int group, int& scale, int& least) {
  const int i = group % 4;
  if (group < 4) {
    scale = packed[i] & 63;
    least = packed[4 + i] & 63;
  } else {
    scale = (packed[8 + i] & 15) | (packed[i] >> 2 & 48);
    least = packed[8 + i] >> 4 | (packed[4 + i] >> 2 & 48);
  }
}

/// Q4_K, and with `fifth` (a bit plane of 32 bytes) Q5_K.
void q45_k(const uint8_t* b, const uint8_t* fifth, const uint8_t* quants, float* out) {
  const float d = half(b), least = half(b + 2);
  for (int group = 0; group < 8; ++group) {
    int scale = 0, minimum = 0;
    group_scale(b + 4, group, scale, minimum);
    const float dl = d * static_cast<float>(scale), ml = least * static_cast<float>(minimum);
    for (int i = 0; i < 32; ++i) {
      int q = quants[group / 2 * 32 + i] >> (group % 2 * 4) & 15;
      if (fifth) q |= (fifth[i] >> group & 1) << 4;
      out[group * 32 + i] = dl * static_cast<float>(q) - ml;
    }
  }
}

}  // namespace

void q2_k(const uint8_t* b, float* out) {
  const uint8_t *scales = b, *quants = b + 16;
  const float d = half(b + 80), least = half(b + 82);
  for (int e = 0; e < 256; ++e) {
    const uint8_t scale = scales[e / 16];
    out[e] = d * static_cast<float>(scale & 15) * static_cast<float>(two_bits(quants, e)) -
             least * static_cast<float>(scale >> 4);
  }
}

void q3_k(const uint8_t* b, float* out) {
  const uint8_t *mask = b, *quants = b + 32, *packed = b + 96;
  const float d = half(b + 108);
  std::array<float, 16> scales{};
  for (int j = 0; j < 16; ++j) {
    const int low = packed[j % 8] >> (j / 8 * 4) & 15, high = packed[8 + j % 4] >> (j / 4 * 2) & 3;
    scales[static_cast<size_t>(j)] = d * static_cast<float>((low | high << 4) - 32);
  }
  for (int e = 0; e < 256; ++e) {
    const int third = mask[e % 32] >> (e / 32) & 1;
    out[e] = scales[static_cast<size_t>(e / 16)] * static_cast<float>(two_bits(quants, e) - (third ? 0 : 4));
  }
}

void q4_k(const uint8_t* b, float* out) {
  q45_k(b, nullptr, b + 16, out);
}

void q5_k(const uint8_t* b, float* out) {
  q45_k(b, b + 16, b + 48, out);
}

void q6_k(const uint8_t* b, float* out) {
  const uint8_t *low = b, *high = b + 128, *scales = b + 192;
  const float d = half(b + 208);
  for (int e = 0; e < 256; ++e) {
    const int part = e / 128, plane = e % 128 / 32, i = e % 32;
    const int nibble = low[part * 64 + plane % 2 * 32 + i] >> (plane / 2 * 4) & 15;
    const int q = (nibble | (high[part * 32 + i] >> (plane * 2) & 3) << 4) - 32;
    out[e] = d * static_cast<float>(static_cast<int8_t>(scales[e / 16])) * static_cast<float>(q);
  }
}

/// After the numbers come sums of sixteen, which products with other blocks need and nothing here does.
void q8_k(const uint8_t* b, float* out) {
  const float d = std::bit_cast<float>(load32(b));
  for (int e = 0; e < 256; ++e) out[e] = d * static_cast<float>(static_cast<int8_t>(b[4 + e]));
}

/// Five ternary digits a byte, as the fraction of a fixed-point number: digit n is the whole part of 3^(n + 1) times
/// it. 32 bytes hold 160 numbers, plane by plane, 16 more 80, and the last four bytes four digits each.
void tq1_0(const uint8_t* b, float* out) {
  constexpr uint8_t powers[] = {1, 3, 9, 27, 81};
  const float d = half(b + 52);
  const auto planes = [&](const uint8_t* bytes, int width, int digits) {
    for (int digit = 0; digit < digits; ++digit) {
      for (int i = 0; i < width; ++i) {
        const auto shifted = static_cast<uint8_t>(bytes[i] * powers[digit]);
        *out++ = d * static_cast<float>((shifted * 3 >> 8) - 1);
      }
    }
  };
  planes(b, 32, 5);
  planes(b + 32, 16, 5);
  planes(b + 48, 4, 4);
}

void tq2_0(const uint8_t* b, float* out) {
  const float d = half(b + 64);
  for (int e = 0; e < 256; ++e) out[e] = d * static_cast<float>(two_bits(b, e) - 1);
}

void iq4_xs(const uint8_t* b, float* out) {
  const float d = half(b);
  const uint16_t high = load16(b + 2);
  const uint8_t *low = b + 4, *quants = b + 8;
  for (int group = 0; group < 8; ++group) {
    const int scale = (low[group / 2] >> (group % 2 * 4) & 15) | (high >> (2 * group) & 3) << 4;
    const float dl = d * static_cast<float>(scale - 32);
    for (int i = 0; i < 16; ++i) {
      const uint8_t pair = quants[group * 16 + i];
      out[group * 32 + i] = dl * static_cast<float>(kNonlinear[pair & 15]);
      out[group * 32 + 16 + i] = dl * static_cast<float>(kNonlinear[pair >> 4]);
    }
  }
}

}  // namespace llavakd::gguf
