// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/report/html_text.h"

namespace llavakd {
namespace {

constexpr double right_margin = 14, bottom_margin = 40, joint_room = 18, legend_row = 20;
constexpr double letter_width = 7.0, swatch_width = 26, text_size = 12.5;

constexpr size_t longest_label = 48;

std::string style_of(const ChartPen& pen) {
  const char* dashes = pen.style == LineStyle::dash       ? " stroke-dasharray=\"6 4\""
                       : pen.style == LineStyle::dot      ? " stroke-dasharray=\"1.5 4\""
                       : pen.style == LineStyle::dash_dot ? " stroke-dasharray=\"8 3.5 1.5 3.5\""
                                                          : "";
  return fmt::format("stroke=\"{}\" style=\"--l:{};--d:{}\"{}", colour_text(pen.on_light), colour_text(pen.on_light),
                     colour_text(pen.on_dark), dashes);
}

/// Code points, which are about as wide as each other.
size_t letters_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string svg_head(int width, double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1:.0f}\" width=\"{0}\" height=\"{1:.0f}\" "
      "role=\"img\" aria-label=\"{2}\" font-family=\"system-ui, sans-serif\" font-size=\"{3}\"><title>{2}</title>\n",
      width, height, html_text(title), text_size);
}

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool is_empty() const { return low > high; }
};

Extent values_of(const SvgChart& chart) {
  Extent extent;
  for (const ChartLine& line : chart.lines)
    for (const CurvePoint& point : line.curve.points) {
      extent.add(point.least);
      extent.add(point.most);
    }
  return extent;
}

Extent places_of(const SvgChart& chart) {
  Extent extent;
  for (const ChartLine& line : chart.lines)
    for (const CurvePoint& point : line.curve.points) extent.add(point.x);
  if (!extent.is_empty() && extent.high <= extent.low) extent.add(extent.low + 1);
  return extent;
}

/// 1, 2, 2.5 or 5 times a power of ten, so that about `wanted` of them fit.
double tick_distance(double range, int wanted) {
  const double rough = range / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0})
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<double> linear_ticks(double low, double high, int wanted) {
  std::vector<double> ticks;
  const double distance = tick_distance(high - low, wanted);
  if (!(distance > 0) || !std::isfinite(distance)) return {low, high};
  constexpr int most = 20;
  for (int i = 0; i <= most; ++i) {
    const double tick = (std::ceil(low / distance - 1e-9) + i) * distance;
    if (tick > high + distance * 1e-9) break;
    ticks.push_back(std::abs(tick) < distance * 1e-9 ? 0 : tick);
  }
  return ticks;
}

std::vector<double> logarithmic_ticks(double low, double high) {
  std::vector<double> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low))), last = static_cast<int>(std::ceil(std::log10(high)));
  const int stride = std::max(1, (last - first) / 6);
  for (int power = first; power <= last; power += stride)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, power);
      const bool is_wanted = factor == 1.0 || last - first <= 2;
      if (is_wanted && tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push_back(tick);
    }
  return ticks;
}

/// Steps are whole numbers that people read out: 20,000.
std::string tick_text(double value, bool of_steps) {
  constexpr double most_written_out = 1e6;
  if (of_steps && std::abs(value) < most_written_out) return count_html(std::llround(value));
  return number_html(value);
}

class ChartDrawing {
 public:
  explicit ChartDrawing(const SvgChart& chart)
      : chart_(chart), values_(values_of(chart)), places_(places_of(chart)), logarithmic_(is_logarithmic(chart)) {
    set_range();
    make_room_for_ticks();
    lay_out_legend();
    top_ = legend_rows_ * legend_row + (chart.joints.size() > 1 ? joint_room : 6);
    bottom_ = chart.height - bottom_margin;
    bottom_ = std::max(bottom_, top_ + 80);
  }

  std::string draw() {
    svg_ = svg_head(chart_.width, bottom_ + bottom_margin, chart_.title + (logarithmic_ ? ", logarithmic" : ""));
    if (places_.is_empty()) {
      svg_ +=
          fmt::format("<text class=\"tick\" fill=\"#57606a\" x=\"{}\" y=\"{}\">No step has a number for this.</text>",
                      left_, top_ + 40);
      return svg_ + "</svg>\n";
    }
    draw_axes();
    draw_joints();
    for (const ChartLine& line : chart_.lines) draw_line(line);
    return svg_ + legend_ + "</svg>\n";
  }

 private:
  void set_range() {
    if (values_.is_empty()) return;
    if (logarithmic_) {
      low_ = std::log10(values_.low);
      high_ = std::log10(values_.high);
    } else {
      low_ = values_.low;
      high_ = values_.high;
      if (low_ > 0 && low_ < 0.4 * high_) low_ = 0;
    }
    if (high_ <= low_) {
      const double room = std::max(std::abs(low_) * 0.1, 1e-12);
      low_ -= room;
      high_ += room;
    }
    const double room = (high_ - low_) * 0.04;
    high_ += room;
    if (low_ != 0 || logarithmic_) low_ -= room;
  }

  std::vector<double> value_ticks() const {
    return logarithmic_ ? logarithmic_ticks(std::pow(10, low_), std::pow(10, high_)) : linear_ticks(low_, high_, 5);
  }

  void make_room_for_ticks() {
    constexpr double unit_room = 34;
    size_t longest = 1;
    if (!values_.is_empty())
      for (const double tick : value_ticks()) longest = std::max(longest, letters_of(tick_text(tick, false)));
    left_ = unit_room + letter_width * static_cast<double>(longest);
  }

  double x(double step) const {
    return left_ + (step - places_.low) / (places_.high - places_.low) * (chart_.width - left_ - right_margin);
  }
  double y(double value) const {
    const double place = logarithmic_ ? std::log10(value) : value;
    return bottom_ - (place - low_) / (high_ - low_) * (bottom_ - top_);
  }

  void lay_out_legend() {
    if (chart_.lines.size() < 2) return;  // the axis says what it is
    double at = left_, row = 1;
    for (const ChartLine& line : chart_.lines) {
      const std::string label = html_text(line.label, longest_label);
      const double wide =
          swatch_width + 6 + static_cast<double>(letters_of(line.label.substr(0, longest_label))) * letter_width + 16;
      if (at > left_ && at + wide > chart_.width - right_margin) {
        at = left_;
        ++row;
      }
      const double middle = row * legend_row - 9;
      legend_ += fmt::format(
          "<line class=\"line\" {} stroke-width=\"1.75\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
          "<text class=\"label\" fill=\"#1f2328\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
          style_of(line.pen), at, at + swatch_width, middle, middle, at + swatch_width + 6, middle + 4, label);
      at += wide;
    }
    legend_rows_ = row;
  }

  void draw_axes() {
    const double right = chart_.width - right_margin;
    for (const double tick :
         logarithmic_ ? logarithmic_ticks(std::pow(10, low_), std::pow(10, high_)) : linear_ticks(low_, high_, 5)) {
      const double at = y(tick);
      svg_ += fmt::format(
          "<line class=\"grid\" stroke=\"#e3e6ea\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
          "<text class=\"tick\" fill=\"#57606a\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>\n",
          left_, right, at, at, left_ - 8, at + 4, tick_text(tick, false));
    }
    const int wanted = std::clamp(chart_.width / 110, 3, 9);
    for (const double tick : linear_ticks(places_.low, places_.high, wanted)) {
      if (tick != std::floor(tick)) continue;
      svg_ +=
          fmt::format("<text class=\"tick\" fill=\"#57606a\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                      x(tick), bottom_ + 17, tick_text(tick, true));
    }
    svg_ += fmt::format("<line class=\"axis\" stroke=\"#8c959f\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\"/>\n",
                        left_, right, bottom_);
    const std::string unit = html_text(chart_.unit) + (logarithmic_ ? " (log)" : "");
    svg_ += fmt::format(
        "<text class=\"tick\" fill=\"#57606a\" x=\"{0}\" y=\"{1}\">step</text>"
        "<text class=\"tick\" fill=\"#57606a\" text-anchor=\"middle\" transform=\"translate(13 {2:.0f}) "
        "rotate(-90)\">{3}</text>\n",
        right - 26, bottom_ + 34, (top_ + bottom_) / 2, unit);
  }

  void draw_joints() {
    if (chart_.joints.size() < 2) return;
    double free_from = 0;
    for (const ChartJoint& joint : chart_.joints) {
      const double at = std::clamp(x(joint.x), left_, static_cast<double>(chart_.width) - right_margin);
      if (at > left_)
        svg_ += fmt::format(
            "<line class=\"joint\" stroke=\"#afb8c1\" stroke-dasharray=\"2 3\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" "
            "y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>\n",
            at, top_ - joint_room + 4, bottom_);
      const double wide = static_cast<double>(letters_of(joint.label)) * letter_width;
      if (at < free_from || at + wide > chart_.width) continue;  // its line is there all the same
      free_from = at + wide + 8;
      svg_ += fmt::format("<text class=\"tick\" fill=\"#57606a\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", at + 4,
                          top_ - 4, html_text(joint.label, longest_label));
    }
  }

  /// The stretch [first, last) between the extremes of its points.
  void draw_extremes(const ChartLine& line, size_t first, size_t last) {
    const auto& points = line.curve.points;
    std::string path;
    for (size_t i = first; i < last; ++i)
      path += fmt::format("{}{:.1f} {:.1f}", i == first ? "M" : "L", x(points[i].x), y(points[i].most));
    for (size_t i = last; i-- > first;) path += fmt::format("L{:.1f} {:.1f}", x(points[i].x), y(points[i].least));
    svg_ += fmt::format(
        "<path class=\"extremes\" fill=\"{0}\" fill-opacity=\".16\" stroke=\"{0}\" stroke-opacity=\".45\" "
        "stroke-width=\".75\" style=\"--l:{0};--d:{1}\" d=\"{2}Z\"/>\n",
        colour_text(line.pen.on_light), colour_text(line.pen.on_dark), path);
  }

  void draw_line(const ChartLine& line) {
    const auto& points = line.curve.points;
    std::string path;
    for (size_t first = 0; first < points.size();) {
      size_t last = first + 1;
      while (last < points.size() && !points[last].begins) ++last;
      if (line.curve.rows_a_point > 1) draw_extremes(line, first, last);
      for (size_t i = first; i < last; ++i)
        path += fmt::format("{}{:.1f} {:.1f}", i == first ? "M" : "L", x(points[i].x), y(points[i].mean));
      if (last == first + 1) path += "h.01";  // a dot, by its round ends
      first = last;
    }
    if (path.empty()) return;
    svg_ += fmt::format(
        "<path class=\"line\" {} fill=\"none\" stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\" "
        "d=\"{}\"><title>{}</title></path>\n",
        style_of(line.pen), path, html_text(line.label, longest_label));
  }

  const SvgChart& chart_;
  const Extent values_, places_;
  const bool logarithmic_;
  double low_ = 0, high_ = 1, left_ = 0, top_ = 0, bottom_ = 0, legend_rows_ = 0;
  std::string svg_, legend_;
};

}  // namespace

std::string colour_text(uint32_t colour) {
  return fmt::format("#{:06x}", colour & 0xffffff);
}

bool is_logarithmic(const SvgChart& chart) {
  constexpr double ratio = 40;
  const Extent values = values_of(chart);
  return !values.is_empty() && values.low > 0 && values.high > ratio * values.low;
}

std::string svg_of(const SvgChart& chart) {
  return ChartDrawing(chart).draw();
}

std::string svg_of(const std::string& title, const std::vector<ScoreMark>& marks) {
  constexpr double row = 26, width = 640, head = 8, foot = 28;
  size_t longest = 0;
  for (const ScoreMark& mark : marks) longest = std::max(longest, std::min<size_t>(30, letters_of(mark.label)));
  const double label_width = 20 + 7.5 * static_cast<double>(longest);
  const double bottom = head + row * static_cast<double>(marks.size());
  const auto x = [&](double percent) {
    return label_width + percent / 100 * (width - label_width - 60);
  };
  std::string svg = svg_head(static_cast<int>(width), bottom + foot, title);
  for (int tick = 0; tick <= 100; tick += 20)
    svg += fmt::format(
        "<line class=\"grid\" stroke=\"#e3e6ea\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text class=\"tick\" fill=\"#57606a\" text-anchor=\"middle\" x=\"{0:.1f}\" y=\"{3}\">{4}{5}</text>\n",
        x(tick), head, bottom, bottom + 18, tick, tick == 100 ? " %" : "");
  double middle = head + row / 2;
  for (const ScoreMark& mark : marks) {
    svg += fmt::format("<text class=\"label\" fill=\"#1f2328\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>",
                       label_width - 12, middle + 4, html_text(mark.label, 30));
    if (mark.has_interval)
      svg += fmt::format(
          "<path class=\"line\" {} stroke-width=\"1.75\" d=\"M{:.1f} {:.1f}H{:.1f}M{:.1f} {:.1f}v10M{:.1f} "
          "{:.1f}v10\"/>",
          style_of({.on_light = mark.pen.on_light, .on_dark = mark.pen.on_dark}), x(mark.low), middle, x(mark.high),
          x(mark.low), middle - 5, x(mark.high), middle - 5);
    if (mark.score)
      svg += fmt::format(
          "<circle class=\"dot\" fill=\"{0}\" style=\"--l:{0};--d:{1}\" cx=\"{2:.1f}\" cy=\"{3:.1f}\" r=\"4.5\"/>"
          "<text class=\"tick\" fill=\"#57606a\" x=\"{4}\" y=\"{5:.1f}\">{6:.1f}</text>",
          colour_text(mark.pen.on_light), colour_text(mark.pen.on_dark), x(std::clamp(*mark.score, 0.0, 100.0)), middle,
          width - 50, middle + 4, *mark.score);
    svg += "\n";
    middle += row;
  }
  return svg + "</svg>\n";
}

}  // namespace llavakd
