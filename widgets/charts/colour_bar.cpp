// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/colour_bar.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int scaleHeight = 10, tickLength = 4;

}  // namespace

std::vector<double> roundTicks(double low, double high, int count) {
  if (!(high > low) || !std::isfinite(low) || !std::isfinite(high) || count < 1) return {};
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double part = rough / power;
  const double step = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  for (double tick = std::ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step)
    ticks.push_back(std::abs(tick) < step * 1e-6 ? 0 : tick);
  return ticks;
}

ColourBar::ColourBar(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Colour scale"));
}

void ColourBar::setScale(const ColourScale& scale, const QString& caption) {
  m_scale = scale;
  m_caption = caption;
  setAccessibleDescription(tr("%1, from %2 to %3").arg(caption, theme::number(scale.low), theme::number(scale.high)));
  update();
}

QSize ColourBar::sizeHint() const {
  return {200, colourBarHeight()};
}

void ColourBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintColourBar(painter, rect(), m_scale, m_caption);
}

int colourBarHeight() {
  return scaleHeight + tickLength + 2 * QFontMetrics(theme::font(theme::Size::caption)).height();
}

void paintColourBar(QPainter& painter, const QRect& area, const ColourScale& scale, const QString& caption) {
  painter.save();
  painter.translate(area.topLeft());
  const int width = area.width();
  const QFont font = theme::numberFont(theme::Size::caption);
  const QFontMetrics metrics(font);
  painter.setFont(font);
  const QRectF bar(0.5, 0.5, width - 1, scaleHeight);
  for (int x = 0; x < width; ++x) {
    const double value = scale.low + (scale.high - scale.low) * (x + 0.5) / width;
    const Rgb color = colour_of(value, scale);
    painter.fillRect(x, 0, 1, scaleHeight, QColor(color.red, color.green, color.blue));
  }
  painter.setPen(theme::border());
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(bar);
  painter.setPen(theme::mutedText());
  const int count = std::clamp(width / 64, 2, 7);
  for (const double tick : roundTicks(scale.low, scale.high, count)) {
    const double x = (tick - scale.low) / (scale.high - scale.low) * width;
    painter.drawLine(QPointF(x, scaleHeight), QPointF(x, scaleHeight + tickLength));
    const QString text = theme::shortNumber(tick);
    const double half = metrics.horizontalAdvance(text) / 2.0;
    const double left = std::clamp(x - half, 0.0, std::max(0.0, width - 2 * half));
    painter.drawText(QPointF(left, scaleHeight + tickLength + metrics.ascent()), text);
  }
  painter.drawText(QRect(0, scaleHeight + tickLength + metrics.height(), width, metrics.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(caption, Qt::ElideRight, width));
  painter.restore();
}

}  // namespace llavakd
