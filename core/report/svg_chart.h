// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/project/term_catalog.h"
#include "core/report/curve_points.h"

namespace llavakd {

/// How a line is told from others: two colours, 0xRRGGBB, and a style, because colour is never alone.
struct ChartPen {
  uint32_t on_light = 0x1f2328, on_dark = 0xe6e8eb;
  LineStyle style = LineStyle::solid;
};

struct ChartLine {
  std::string label = {};
  ChartPen pen = {};
  Curve curve = {};
};

/// Where a stage begins.
struct ChartJoint {
  double x = 0;
  std::string label = {};
};

struct SvgChart {
  std::string title = {}, unit = {};  ///< Of the vertical axis.
  std::vector<ChartLine> lines = {};
  std::vector<ChartJoint> joints = {};
  int width = 520, height = 250;
};

/// Whether the values want a logarithmic axis: all above zero, and the greatest more than 40 times the least.
bool is_logarithmic(const SvgChart& chart);

/// The chart as an SVG element that stands for itself: colours for a light page, and variables --l and --d of each
/// line for a page that has both. All texts are escaped. A chart without any number says so.
std::string svg_of(const SvgChart& chart);

/// A score with the interval that it is known to, in percent.
struct ScoreMark {
  std::string label = {};
  std::optional<double> score = {};
  double low = 0, high = 0;
  bool has_interval = false;
  ChartPen pen = {};
};

/// Dots with whiskers over 0 to 100 %, one below another.
std::string svg_of(const std::string& title, const std::vector<ScoreMark>& marks);

/// "#0072b2".
std::string colour_text(uint32_t colour);

}  // namespace llavakd
