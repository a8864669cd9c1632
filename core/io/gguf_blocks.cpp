// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_blocks.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace llavakd {

namespace {

struct Row {
  BlockType type;
  uint32_t number;  // ggml_type
  BlockSize size;
  std::string_view name;
};

/// In the order of the enumeration.
constexpr std::array kRows{
    Row{BlockType::Q4_0, 2, {32, 18}, "Q4_0"},    Row{BlockType::Q4_1, 3, {32, 20}, "Q4_1"},
    Row{BlockType::Q5_0, 6, {32, 22}, "Q5_0"},    Row{BlockType::Q5_1, 7, {32, 24}, "Q5_1"},
    Row{BlockType::Q8_0, 8, {32, 34}, "Q8_0"},    Row{BlockType::Q2_K, 10, {256, 84}, "Q2_K"},
    Row{BlockType::Q3_K, 11, {256, 110}, "Q3_K"}, Row{BlockType::Q4_K, 12, {256, 144}, "Q4_K"},
    Row{BlockType::Q5_K, 13, {256, 176}, "Q5_K"}, Row{BlockType::Q6_K, 14, {256, 210}, "Q6_K"},
};

/// An IEEE half-precision number, as two little-endian bytes.
float half(const uint8_t* bytes) {
  const uint32_t bits = bytes[0] | uint32_t{bytes[1]} << 8;
  const uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  const uint32_t widened = exponent == 31 ? 0xff : exponent + 112;
  return std::bit_cast<float>(sign | widened << 23 | fraction << 13);
}

uint32_t word(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// 32 elements: the low nibbles of 16 bytes, then the high ones. Q4: two quantities, Q5: a fifth bit of each in `high`.
template <typename Value>
void small_block(const uint8_t* nibbles, uint32_t high, float* out, Value value) {
  for (int i = 0; i < 16; ++i) {
    out[i] = value((nibbles[i] & 15) | static_cast<int>(high >> i & 1) << 4);
    out[i + 16] = value(nibbles[i] >> 4 | static_cast<int>(high >> (i + 16) & 1) << 4);
  }
}

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
  small_block(b + 6, word(b + 2), out, [d](int q) { return d * static_cast<float>(q - 16); });
}

void q5_1(const uint8_t* b, float* out) {
  const float d = half(b), m = half(b + 2);
  small_block(b + 8, word(b + 4), out, [d, m](int q) { return d * static_cast<float>(q) + m; });
}

void q8_0(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(static_cast<int8_t>(b[2 + i])) * d;
}

/// Two bits of element e in 64 bytes: halves of 128 elements, in each four planes of 32.
int two_bits(const uint8_t* bytes, int e) {
  return bytes[e / 128 * 32 + e % 32] >> (e % 128 / 32 * 2) & 3;
}

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

void block(BlockType type, const uint8_t* b, float* out) {
  switch (type) {
    case BlockType::Q4_0:
      return q4_0(b, out);
    case BlockType::Q4_1:
      return q4_1(b, out);
    case BlockType::Q5_0:
      return q5_0(b, out);
    case BlockType::Q5_1:
      return q5_1(b, out);
    case BlockType::Q8_0:
      return q8_0(b, out);
    case BlockType::Q2_K:
      return q2_k(b, out);
    case BlockType::Q3_K:
      return q3_k(b, out);
    case BlockType::Q4_K:
      return q45_k(b, nullptr, b + 16, out);
    case BlockType::Q5_K:
      return q45_k(b, b + 16, b + 48, out);
    case BlockType::Q6_K:
      return q6_k(b, out);
  }
}

}  // namespace

BlockSize size_of(BlockType type) {
  return kRows[static_cast<size_t>(type)].size;
}

std::string_view name_of(BlockType type) {
  return kRows[static_cast<size_t>(type)].name;
}

std::optional<BlockType> block_type_numbered(uint32_t number) {
  for (const Row& row : kRows) {
    if (row.number == number) return row.type;
  }
  return std::nullopt;
}

void dequantise(BlockType type, std::span<const std::byte> blocks, std::span<float> values) {
  const BlockSize size = size_of(type);
  const auto* bytes = reinterpret_cast<const uint8_t*>(blocks.data());
  const size_t count = std::min(blocks.size() / size.bytes, values.size() / size.elements);
  for (size_t i = 0; i < count; ++i) block(type, bytes + i * size.bytes, values.data() + i * size.elements);
}

}  // namespace llavakd
