// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/lanczos.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace llavakd::emoji {
namespace {

constexpr double kLobes = 3.0;
constexpr int kPrecisionBits = 32 - 8 - 2;

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) {
  return -kLobes <= x && x < kLobes ? sinc(x) * sinc(x / kLobes) : 0.0;
}

/// The source pixels of one output pixel and their fixed-point weights.
struct Window {
  int first = 0;
  std::vector<int32_t> weights;
};

std::vector<Window> windows(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kLobes * filter_scale;
  std::vector<Window> all(static_cast<size_t>(out_size));
  for (int i = 0; i < out_size; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int last = std::min(in_size, static_cast<int>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0.0;
    for (int x = first; x < last; ++x) {
      weights.push_back(lanczos((x - centre + 0.5) / filter_scale));
      sum += weights.back();
    }
    Window& window = all[static_cast<size_t>(i)];
    window.first = first;
    for (const double w : weights) {
      const double fixed = w / sum * (1 << kPrecisionBits);
      window.weights.push_back(static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return all;
}

/// One pass along x; the result is transposed, so two passes give the picture upright again.
Bitmap filter_rows_transposed(const Bitmap& in, int out_width) {
  Bitmap out(in.height, out_width);
  const auto all = windows(in.width, out_width);
  for (int y = 0; y < in.height; ++y) {
    for (int i = 0; i < out_width; ++i) {
      const Window& window = all[static_cast<size_t>(i)];
      for (int channel = 0; channel < 4; ++channel) {
        int64_t sum = 1 << (kPrecisionBits - 1);
        for (size_t k = 0; k < window.weights.size(); ++k) {
          sum += static_cast<int64_t>(in.at(window.first + static_cast<int>(k), y)[channel]) * window.weights[k];
        }
        out.at(y, i)[channel] = static_cast<uint8_t>(std::clamp<int64_t>(sum >> kPrecisionBits, 0, 255));
      }
    }
  }
  return out;
}

int multiplied(int value, int alpha) {
  const int t = value * alpha + 128;
  return ((t >> 8) + t) >> 8;
}

}  // namespace

Bitmap resize_lanczos(const Bitmap& bitmap, int width, int height) {
  Bitmap weighted = bitmap;
  for (size_t i = 0; i < weighted.rgba.size(); i += 4) {
    for (size_t k = 0; k < 3; ++k) {
      weighted.rgba[i + k] = static_cast<uint8_t>(multiplied(weighted.rgba[i + k], weighted.rgba[i + 3]));
    }
  }
  Bitmap out = filter_rows_transposed(filter_rows_transposed(weighted, width), height);
  for (size_t i = 0; i < out.rgba.size(); i += 4) {
    const int alpha = out.rgba[i + 3];
    if (alpha == 0 || alpha == 255) continue;
    for (size_t k = 0; k < 3; ++k) out.rgba[i + k] = static_cast<uint8_t>(std::min(255, 255 * out.rgba[i + k] / alpha));
  }
  return out;
}

}  // namespace llavakd::emoji
