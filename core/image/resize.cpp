// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "core/base/errors.h"
#include "core/image/decode.h"

namespace llavakd {
namespace {

constexpr int fraction_bits = 22;  // libImaging/Resample.c: 32 bits − 8 bits of the pixel − 2 bits of overshoot

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) {
  return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

/// Which input pixels an output pixel is made of: `count[i]` of them from `first[i]`, with weights from i · stride.
struct Taps {
  std::vector<int> first;
  std::vector<int> count;
  std::vector<int32_t> weights;
  int stride = 0;
};

/// precompute_coeffs and normalize_coeffs_8bpc of libImaging/Resample.c, in the same order of operations.
Taps taps_for(int input, int output, ResampleFilter filter) {
  double (*const function)(double) = filter == ResampleFilter::bilinear  ? bilinear
                                     : filter == ResampleFilter::lanczos ? lanczos
                                                                         : bicubic;
  const double radius = filter == ResampleFilter::bilinear ? 1.0 : filter == ResampleFilter::lanczos ? 3.0 : 2.0;
  const double scale = static_cast<double>(input) / output;
  const double filter_scale = std::max(scale, 1.0);
  const double support = radius * filter_scale;
  const double inverse = 1.0 / filter_scale;

  Taps taps;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.first.resize(output);
  taps.count.resize(output);
  taps.weights.assign(static_cast<size_t>(output) * taps.stride, 0);
  std::vector<double> weights(taps.stride);
  for (int i = 0; i < output; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), input) - first;
    double sum = 0.0;
    for (int k = 0; k < count; ++k) {
      weights[k] = function((k + first - center + 0.5) * inverse);
      sum += weights[k];
    }
    int32_t* fixed = taps.weights.data() + static_cast<size_t>(i) * taps.stride;
    for (int k = 0; k < count; ++k) {
      const double weight = (sum != 0.0 ? weights[k] / sum : weights[k]) * (1 << fraction_bits);
      fixed[k] = static_cast<int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    taps.first[i] = first;
    taps.count[i] = count;
  }
  return taps;
}

uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> fraction_bits, 0, 255));
}

constexpr int32_t one_half = 1 << (fraction_bits - 1);

// The two inner loops are compiled for AVX2 as well; the loader picks. Integers, so both give the same values.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define LLAVAKD_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define LLAVAKD_CLONES
#endif

constexpr int block_rows = 8;
constexpr int block_values = block_rows * 3;

/// Rows interleaved value by value: [pixel][channel][row], so that one weight meets 24 neighbours.
void interleave(const Image& image, int first_row, uint8_t* block) {
  for (int r = 0; r < block_rows; ++r) {
    const uint8_t* row = image.row(std::min(first_row + r, image.height - 1));
    const size_t values = static_cast<size_t>(image.width) * 3;
    for (size_t i = 0; i < values; ++i) block[i * block_rows + r] = row[i];
  }
}

/// Eight interleaved rows made narrower or wider; `out` gets 8 rows of 3 · outputs values.
LLAVAKD_CLONES void resize_block(const uint8_t* block, const int* first, const int* count, const int32_t* weights,
                                 int stride, int outputs, uint8_t* out) {
  for (int x = 0; x < outputs; ++x, weights += stride) {
    int32_t sums[block_values];
    for (int32_t& sum : sums) sum = one_half;
    const uint8_t* values = block + static_cast<size_t>(first[x]) * block_values;
    for (int k = 0; k < count[x]; ++k, values += block_values) {
      for (int i = 0; i < block_values; ++i) sums[i] += values[i] * weights[k];
    }
    for (int i = 0; i < block_values; ++i) {
      out[(static_cast<size_t>(i % block_rows) * outputs + x) * 3 + i / block_rows] = to_byte(sums[i]);
    }
  }
}

/// sums += row · weight
LLAVAKD_CLONES void add_weighted(const uint8_t* row, int32_t weight, size_t values, int32_t* sums) {
  for (size_t x = 0; x < values; ++x) sums[x] += row[x] * weight;
}

/// Hands every row of the image, made narrower or wider, to `use(y, row)`.
template <typename Use>
void resize_width(const Image& image, int width, ResampleFilter filter, Use use) {
  const Taps taps = taps_for(image.width, width, filter);
  const size_t row_values = static_cast<size_t>(width) * 3;
  std::vector<uint8_t> block(static_cast<size_t>(image.width) * block_values);
  std::vector<uint8_t> rows(row_values * block_rows);
  for (int y = 0; y < image.height; y += block_rows) {
    interleave(image, y, block.data());
    resize_block(block.data(), taps.first.data(), taps.count.data(), taps.weights.data(), taps.stride, width,
                 rows.data());
    for (int r = 0; r < std::min(block_rows, image.height - y); ++r) use(y + r, rows.data() + r * row_values);
  }
}

/// Sums input rows into the output rows that they belong to. Every input row is needed once and in order, so that no
/// image between the passes is kept: a strip of one by a million pixels costs no more than its result.
class RowSums {
 public:
  RowSums(int input, Image& result, ResampleFilter filter)
      : taps_(taps_for(input, result.height, filter)),
        result_(result),
        width_(static_cast<size_t>(result.width) * 3),
        sums_(width_ * result.height, one_half) {}

  void add(int y, const uint8_t* row) {
    while (begin_ < result_.height && taps_.first[begin_] + taps_.count[begin_] <= y) ++begin_;
    for (int out = begin_; out < result_.height && taps_.first[out] <= y; ++out) {
      const int tap = y - taps_.first[out];
      const int32_t weight = taps_.weights[static_cast<size_t>(out) * taps_.stride + tap];
      int32_t* sums = sums_.data() + out * width_;
      add_weighted(row, weight, width_, sums);
      if (tap + 1 == taps_.count[out]) std::transform(sums, sums + width_, result_.row(out), to_byte);
    }
  }

 private:
  Taps taps_;
  Image& result_;
  size_t width_;
  std::vector<int32_t> sums_;
  int begin_ = 0;  // the first output row that may still need input
};

Image resize_height(const Image& image, int height, ResampleFilter filter) {
  Image result(image.width, height);
  RowSums rows(image.height, result, filter);
  for (int y = 0; y < image.height; ++y) rows.add(y, image.row(y));
  return result;
}

/// Pillow 13 begins with the height when that shrinks much more than the width; before, the width always came first.
/// Because of the rounding between the passes the two differ by a level here and there.
bool rows_go_first(const Image& image, int width, int height) {
  return height < image.height && image.height - height > 2 * (static_cast<int64_t>(image.width) - width);
}

}  // namespace

Image resize(const Image& image, int width, int height, ResampleFilter filter) {
  assert(image.width > 0 && image.height > 0 && width > 0 && height > 0);
  if (width == image.width && height == image.height) return image;
  if (width == image.width) return resize_height(image, height, filter);
  if (rows_go_first(image, width, height)) return resize(resize_height(image, height, filter), width, height, filter);

  Image result(width, height);
  if (height == image.height) {
    resize_width(image, width, filter,
                 [&](int y, const uint8_t* row) { std::copy_n(row, size_t(width) * 3, result.row(y)); });
  } else {
    RowSums rows(image.height, result, filter);
    resize_width(image, width, filter, [&](int y, const uint8_t* row) { rows.add(y, row); });
  }
  return result;
}

Image pad_to_square(const Image& image, Rgb background) {
  if (image.width == image.height) return image;
  const int side = std::max(image.width, image.height);
  const int left = (side - image.width) / 2;
  const int top = (side - image.height) / 2;
  if (int64_t{side} * side > max_pixels) {
    throw UserError(
        fmt::format("A picture of {} × {} is too long and narrow to be padded to a square; cut it or use the aspect "
                    "ratio \"square\".",
                    image.width, image.height));
  }
  Image result(side, side, background);
  for (int y = 0; y < image.height; ++y) {
    std::memcpy(result.row(y + top) + static_cast<size_t>(left) * 3, image.row(y),
                static_cast<size_t>(image.width) * 3);
  }
  return result;
}

Image center_crop(const Image& image, int width, int height) {
  // Rounding down also below zero, as Python's // does.
  const auto half_down = [](int value) {
    return value >= 0 ? value / 2 : -((1 - value) / 2);
  };
  const int left = half_down(image.width - width);
  const int top = half_down(image.height - height);
  Image result(width, height);
  const int from = std::max(0, -left);
  const int to = std::min(width, image.width - left);
  for (int y = 0; y < height; ++y) {
    if (y + top < 0 || y + top >= image.height || to <= from) continue;
    std::memcpy(result.row(y) + static_cast<size_t>(from) * 3,
                image.row(y + top) + static_cast<size_t>(left + from) * 3, static_cast<size_t>(to - from) * 3);
  }
  return result;
}

}  // namespace llavakd
