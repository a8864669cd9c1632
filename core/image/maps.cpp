// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/maps.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace llavakd {
namespace {

using Table = std::array<Rgb, 256>;

/// OpenCV's viridis, as RGB.
Table viridis_table() {
  cv::Mat ramp(1, 256, CV_8UC1), colours;
  for (int i = 0; i < 256; ++i) ramp.at<uint8_t>(0, i) = static_cast<uint8_t>(i);
  cv::applyColorMap(ramp, colours, cv::COLORMAP_VIRIDIS);
  Table table;
  for (int i = 0; i < 256; ++i) {
    const auto& bgr = colours.at<cv::Vec3b>(0, i);
    table[i] = {bgr[2], bgr[1], bgr[0]};
  }
  return table;
}

cv::Vec3f lab(Rgb colour) {
  cv::Mat3f pixel(1, 1, cv::Vec3f(colour.red / 255.0F, colour.green / 255.0F, colour.blue / 255.0F));
  cv::cvtColor(pixel, pixel, cv::COLOR_RGB2Lab);
  return pixel(0, 0);
}

/// Blue to centre to red in steps of even perceived difference: straight lines in CIELAB.
Table diverging_table(Rgb centre) {
  const cv::Vec3f blue = lab({33, 102, 172});
  const cv::Vec3f red = lab({178, 24, 43});
  const cv::Vec3f middle = lab(centre);
  cv::Mat3f line(1, 256);
  for (int i = 0; i < 256; ++i) {
    const float position = static_cast<float>(i) / 255.0F * 2.0F - 1.0F;
    const cv::Vec3f& end = position < 0 ? blue : red;
    line(0, i) = middle + (end - middle) * std::abs(position);
  }
  cv::cvtColor(line, line, cv::COLOR_Lab2RGB);
  Table table;
  for (int i = 0; i < 256; ++i) {
    const auto byte = [&](int channel) {
      return cv::saturate_cast<uint8_t>(line(0, i)[channel] * 255.0F);
    };
    table[i] = {byte(0), byte(1), byte(2)};
  }
  return table;
}

Table table_of(const ColourScale& scale) {
  static const Table viridis = viridis_table();
  return scale.palette == Palette::viridis ? viridis : diverging_table(scale.centre);
}

Rgb look_up(const Table& table, double value, const ColourScale& scale) {
  const double range = scale.high - scale.low;
  const double position = range > 0 ? (value - scale.low) / range : 0.5;
  return table[static_cast<size_t>(std::lround(std::clamp(position, 0.0, 1.0) * 255))];
}

/// Diagonal stripes of two greys, by place in the image, so that neighbouring missing cells join up.
Rgb hatch(int x, int y) {
  const uint8_t grey = (x + y) / 3 % 2 == 0 ? 96 : 160;
  return {grey, grey, grey};
}

void put(Image& image, int x, int y, Rgb colour) {
  uint8_t* pixel = image.row(y) + static_cast<size_t>(x) * 3;
  pixel[0] = colour.red;
  pixel[1] = colour.green;
  pixel[2] = colour.blue;
}

}  // namespace

Rgb colour_of(double value, const ColourScale& scale) {
  return look_up(table_of(scale), value, scale);
}

ColourScale scale_for(std::span<const float> values, Palette palette) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  }
  if (low > high) return {.palette = palette};
  if (palette == Palette::viridis) return {.palette = palette, .low = low, .high = high};
  const double extent = std::max(std::abs(low), std::abs(high));
  return {.palette = palette, .low = -extent, .high = extent};
}

Image map_image(std::span<const float> values, int rows, int columns, const ColourScale& scale, int cell) {
  assert(rows > 0 && columns > 0 && cell > 0 && values.size() == static_cast<size_t>(rows) * columns);
  const Table table = table_of(scale);
  Image image(columns * cell, rows * cell);
  for (int y = 0; y < image.height; ++y) {
    const float* row = values.data() + static_cast<size_t>(y / cell) * columns;
    for (int x = 0; x < image.width; ++x) {
      const float value = row[x / cell];
      put(image, x, y, std::isfinite(value) ? look_up(table, value, scale) : hatch(x, y));
    }
  }
  return image;
}

Image colour_bar(const ColourScale& scale, int width, int height) {
  assert(width > 0 && height > 0);
  const Table table = table_of(scale);
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    const Rgb colour = table[static_cast<size_t>(std::lround(255.0 * (height - 1 - y) / std::max(1, height - 1)))];
    for (int x = 0; x < width; ++x) put(image, x, y, colour);
  }
  return image;
}

Image overlay(const Image& source, std::span<const float> relations, int grid_rows, int grid_columns,
              const ColourScale& scale, double opacity) {
  assert(grid_rows > 0 && grid_columns > 0 && source.width > 0 && source.height > 0);
  const size_t patches = static_cast<size_t>(grid_rows) * grid_columns;
  const size_t given = std::min(relations.size(), patches);
  const size_t missing = patches - given;
  const Table table = table_of(scale);
  const int weight = static_cast<int>(std::lround(std::clamp(opacity, 0.0, 1.0) * 256));
  Image image = source;
  for (int y = 0; y < image.height; ++y) {
    const auto grid_row = static_cast<int>(static_cast<int64_t>(y) * grid_rows / image.height);
    uint8_t* pixel = image.row(y);
    for (int x = 0; x < image.width; ++x, pixel += 3) {
      const auto grid_column = static_cast<int>(static_cast<int64_t>(x) * grid_columns / image.width);
      const size_t patch = static_cast<size_t>(grid_row) * grid_columns + grid_column;
      const float value = patch < missing ? std::numeric_limits<float>::quiet_NaN() : relations[patch - missing];
      const Rgb colour = std::isfinite(value) ? look_up(table, value, scale) : hatch(x, y);
      const auto mix = [weight](int below, int above) {
        return static_cast<uint8_t>((below * (256 - weight) + above * weight + 128) >> 8);
      };
      pixel[0] = mix(pixel[0], colour.red);
      pixel[1] = mix(pixel[1], colour.green);
      pixel[2] = mix(pixel[2], colour.blue);
    }
  }
  return image;
}

Image thumbnail(const Image& image, int longest_side) {
  const int longer = std::max(image.width, image.height);
  if (longer <= longest_side) return image;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * longest_side / longer)));
  };
  Image result(scaled(image.width), scaled(image.height));
  // OpenCV doesn't write to its input, but has no read-only header type.
  const cv::Mat from(image.height, image.width, CV_8UC3, const_cast<uint8_t*>(image.rgb.data()));
  cv::Mat to(result.height, result.width, CV_8UC3, result.rgb.data());
  cv::resize(from, to, to.size(), 0, 0, cv::INTER_AREA);
  return result;
}

}  // namespace llavakd
