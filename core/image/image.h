// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace llavakd {

/// One colour of an image.
struct Rgb {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
  bool operator==(const Rgb&) const = default;
};

/// An image: 8-bit RGB, row by row from the top, no padding; `rgb` holds height · width · 3 values.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;

  Image() = default;
  /// A black image.
  Image(int columns, int rows) : width(columns), height(rows), rgb(static_cast<size_t>(columns) * rows * 3) {}
  /// An image of one colour.
  Image(int columns, int rows, Rgb colour) : Image(columns, rows) {
    if (colour == Rgb{}) return;
    for (size_t i = 0; i < rgb.size(); i += 3) {
      rgb[i] = colour.red;
      rgb[i + 1] = colour.green;
      rgb[i + 2] = colour.blue;
    }
  }

  uint8_t* row(int y) { return rgb.data() + static_cast<size_t>(y) * width * 3; }
  const uint8_t* row(int y) const { return rgb.data() + static_cast<size_t>(y) * width * 3; }
  bool operator==(const Image&) const = default;
};

}  // namespace llavakd
