// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <cstring>

namespace llavakd {

/// The upper half of a float32, in the layout of LibTorch's type, for files without LibTorch headers.
struct Bfloat {
  uint16_t bits;
};

// Always inline, so that the clones of a kernel (clones.h) compile them at their own width.

[[gnu::always_inline]] inline float to_fp32(float x) {
  return x;
}

[[gnu::always_inline]] inline float to_fp32(Bfloat x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Rounds to the nearest number of the type, ties to even; NaN stays NaN.
template <typename Type>
[[gnu::always_inline]] inline Type from_fp32(float x) {
  if constexpr (sizeof(Type) == sizeof(float)) {
    return x;
  } else {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    return {static_cast<uint16_t>(x == x ? rounded : 0x7FC0)};
  }
}

/// e^x with a relative error of 2e-7, without a branch or a call; the argument is clamped to [-87, 88]. Degree 5 on
/// [-ln 2 / 2, ln 2 / 2] with the coefficients of Cephes' expf.
[[gnu::always_inline]] inline float fast_exp(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  // 1.5 · 2^23: adding it rounds to an integer, which is then in the lowest bits. A third faster than conversions.
  constexpr float magic = 12582912.0F;
  const float shifted = x * 1.44269504F + magic, power = shifted - magic;
  float r = x - power * 0.693359375F;
  r -= power * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1;
  uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

}  // namespace llavakd
