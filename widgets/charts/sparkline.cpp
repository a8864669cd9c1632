// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/sparkline.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace llavakd {

namespace {

constexpr float rangeOpacity = 0.3f;

// The ranges as areas; a value without one parts them.
void paintRanges(QPainter& painter, const std::vector<std::pair<double, double>>& ranges, const QColor& color,
                 const auto& x, const auto& y) {
  QColor shade = color;
  shade.setAlphaF(rangeOpacity);
  painter.setPen(Qt::NoPen);
  painter.setBrush(shade);
  for (std::size_t begin = 0, end = 0; begin < ranges.size(); begin = end + 1) {
    QPolygonF outline;
    for (end = begin; end < ranges.size() && std::isfinite(ranges[end].first); ++end)
      outline << QPointF(x(end), y(ranges[end].second));
    for (std::size_t i = end; i > begin; --i) outline << QPointF(x(i - 1), y(ranges[i - 1].first));
    painter.drawPolygon(outline);
  }
}

}  // namespace

void paintSparkline(QPainter& painter, const QRectF& area, const std::vector<double>& values, const QPen& pen,
                    int current, const std::vector<std::pair<double, double>>& ranges) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : values)
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  for (const auto& [least, most] : ranges)
    if (std::isfinite(least)) low = std::min(low, least), high = std::max(high, most);
  if (low > high) return;
  const double span = high > low ? high - low : 1;
  const auto y = [&](double value) {
    return high > low ? area.bottom() - (value - low) / span * area.height() : area.center().y();
  };
  const auto x = [&](std::size_t index) {
    return values.size() < 2 ? area.center().x()
                             : area.left() + area.width() * double(index) / double(values.size() - 1);
  };

  QPainterPath path;
  bool down = false;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;  // the values of one pixel column
    while (end < values.size() && std::floor(x(end)) == std::floor(x(i))) ++end;
    double first = NAN, last = NAN, least = INFINITY, most = -INFINITY;
    for (std::size_t j = i; j < end; ++j) {
      if (!std::isfinite(values[j])) continue;
      if (std::isnan(first)) first = values[j];
      last = values[j];
      least = std::min(least, last);
      most = std::max(most, last);
    }
    if (std::isnan(first)) {
      down = false;
    } else {
      down ? path.lineTo(x(i), y(first)) : path.moveTo(x(i), y(first));
      if (end > i + 1) {
        path.lineTo(x(i), y(least));
        path.lineTo(x(i), y(most));
        path.lineTo(x(i), y(last));
      }
      down = true;
    }
    i = end;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  paintRanges(painter, ranges, pen.color(), x, y);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawPath(path);
  const auto dot = [&](int index) {
    if (index < 0 || index >= int(values.size()) || !std::isfinite(values[std::size_t(index)])) return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(pen.color());
    painter.drawEllipse(QPointF(x(std::size_t(index)), y(values[std::size_t(index)])), 3, 3);
  };
  dot(values.size() == 1 ? 0 : current);
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Sparkline::setPen(std::function<QPen()> pen) {
  m_pen = std::move(pen);
  update();
}

void Sparkline::setValues(std::vector<double> values) {
  m_values = std::move(values);
  update();
}

void Sparkline::setCurrent(int index) {
  m_current = index;
  update();
}

void Sparkline::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintSparkline(painter, QRectF(rect()).adjusted(4, 4, -4, -4), m_values, m_pen ? m_pen() : QPen(palette().text(), 1),
                 m_current);
}

}  // namespace llavakd
