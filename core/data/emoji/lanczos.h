// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace llavakd::emoji {

/// Four channels of 8 bits, row by row.
struct Bitmap {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgba;

  Bitmap() = default;
  Bitmap(int w, int h) : width(w), height(h), rgba(static_cast<size_t>(w) * static_cast<size_t>(h) * 4) {}
  uint8_t* at(int x, int y) { return &rgba[(static_cast<size_t>(y) * width + x) * 4]; }
  const uint8_t* at(int x, int y) const { return &rgba[(static_cast<size_t>(y) * width + x) * 4]; }
};

/// Lanczos with three lobes, as Pillow resizes RGBA (src/libImaging/Resample.c): colour is weighted by alpha, the rows
/// are filtered first, then the columns, each pass with 22-bit fixed-point weights and rounded to 8 bits.
Bitmap resize_lanczos(const Bitmap& bitmap, int width, int height);

}  // namespace llavakd::emoji
