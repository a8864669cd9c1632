// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_block_readers.h"
#include "core/io/gguf_codebooks.h"

namespace llavakd::gguf {

namespace {

// In codebook order, of gguf_codebooks.h.
constexpr float kValues2[] = {8, 25, 43};
constexpr float kValues3Xxs[] = {4, 12, 20, 28, 36, 44, 52, 62};
constexpr float kValues3S[] = {1, 3, 5, 7, 9, 11, 13, 15};

/// Eight numbers of IQ2: an entry of two bits each, and a bit for each sign.
void eight(uint16_t entry, int signs, float scale, float* out) {
  for (int i = 0; i < 8; ++i) {
    const float value = scale * kValues2[entry >> (2 * i) & 3];
    out[i] = signs >> i & 1 ? -value : value;
  }
}

/// Eight numbers of IQ3: two entries of four.
void two_fours(uint16_t first, uint16_t second, const float* values, int signs, float scale, float* out) {
  for (int i = 0; i < 8; ++i) {
    const float value = scale * values[(i < 4 ? first : second) >> (4 * (i % 4)) & 15];
    out[i] = signs >> i & 1 ? -value : value;
  }
}

/// Eight numbers of IQ1: all moved up or down a little.
void moved_eight(uint16_t entry, bool down, float scale, float* out) {
  const float shift = down ? -0.125F : 0.125F;
  for (int i = 0; i < 8; ++i) out[i] = scale * (static_cast<float>((entry >> (2 * i) & 3) - 1) + shift);
}

/// Seven signs are stored; the eighth makes the number of minus signs even.
int with_parity(uint32_t seven) {
  return static_cast<int>(seven | static_cast<uint32_t>(std::popcount(seven) & 1) << 7);
}

int nibble(const uint8_t* bytes, int i) {
  return bytes[i / 2] >> (i % 2 * 4) & 15;
}

float quarter_step(float d, int scale) {
  return d * (0.5F + static_cast<float>(scale)) * 0.25F;
}

}  // namespace

void iq2_xxs(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int group = 0; group < 8; ++group) {
    const uint8_t* entries = b + 2 + group * 8;
    const uint32_t rest = load32(entries + 4);
    const float scale = quarter_step(d, static_cast<int>(rest >> 28));
    for (int i = 0; i < 4; ++i)
      eight(kIq2Xxs[entries[i]], with_parity(rest >> (7 * i) & 127), scale, out + group * 32 + i * 8);
  }
}

void iq2_xs(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int i = 0; i < 32; ++i) {
    const uint16_t code = load16(b + 2 + i * 2);
    const float scale = quarter_step(d, nibble(b + 66, i / 2));
    eight(kIq2Xs[code & 511], with_parity(code >> 9), scale, out + i * 8);
  }
}

void iq2_s(const uint8_t* b, float* out) {
  const uint8_t *low = b + 2, *signs = b + 34, *high = b + 66, *scales = b + 74;
  const float d = half(b);
  for (int i = 0; i < 32; ++i) {
    const int entry = low[i] | (high[i / 4] >> (i % 4 * 2) & 3) << 8;
    eight(kIq2S[static_cast<size_t>(entry)], signs[i], quarter_step(d, nibble(scales, i / 2)), out + i * 8);
  }
}

void iq3_xxs(const uint8_t* b, float* out) {
  const uint8_t *entries = b + 2, *words = b + 66;
  const float d = half(b);
  for (int i = 0; i < 32; ++i) {
    const uint32_t rest = load32(words + i / 4 * 4);
    const float scale = d * (0.5F + static_cast<float>(rest >> 28)) * 0.5F;
    two_fours(kIq3Xxs[entries[2 * i]], kIq3Xxs[entries[2 * i + 1]], kValues3Xxs, with_parity(rest >> (i % 4 * 7) & 127),
              scale, out + i * 8);
  }
}

void iq3_s(const uint8_t* b, float* out) {
  const uint8_t *low = b + 2, *high = b + 66, *signs = b + 74, *scales = b + 106;
  const float d = half(b);
  const auto entry = [&](int i) {
    return kIq3S[static_cast<size_t>(low[i] | (high[i / 8] >> (i % 8) & 1) << 8)];
  };
  for (int i = 0; i < 32; ++i) {
    const float scale = d * static_cast<float>(1 + 2 * nibble(scales, i / 4));
    two_fours(entry(2 * i), entry(2 * i + 1), kValues3S, signs[i], scale, out + i * 8);
  }
}

void iq1_s(const uint8_t* b, float* out) {
  const float d = half(b);
  for (int i = 0; i < 32; ++i) {
    const uint16_t rest = load16(b + 34 + i / 4 * 2);
    const float scale = d * static_cast<float>(2 * (rest >> 12 & 7) + 1);
    const int entry = b[2 + i] | (rest >> (i % 4 * 3) & 7) << 8;
    moved_eight(kIq1[static_cast<size_t>(entry)], (rest & 0x8000) != 0, scale, out + i * 8);
  }
}

/// The block's scale is in the upper four bits of four words, whose other bits are four scales each.
void iq1_m(const uint8_t* b, float* out) {
  const uint8_t *high = b + 32, *scales = b + 48;
  int bits = 0;
  for (int i = 0; i < 4; ++i) bits |= load16(scales + i * 2) >> 12 << (4 * i);
  const float d = half(static_cast<uint16_t>(bits));
  for (int i = 0; i < 32; ++i) {
    const int own = load16(scales + i / 8 * 2) >> (i / 2 % 4 * 3) & 7, rest = nibble(high, i);
    const int entry = b[i] | (rest & 7) << 8;
    moved_eight(kIq1[static_cast<size_t>(entry)], (rest & 8) != 0, d * static_cast<float>(2 * own + 1), out + i * 8);
  }
}

}  // namespace llavakd::gguf
