// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/chart_items.h"

#include <algorithm>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {

StageBandsItem::StageBandsItem(QCustomPlot* plot) : QCPAbstractItem(plot) {
  setLayer(QStringLiteral("background"));
  setSelectable(false);
}

void StageBandsItem::draw(QCPPainter* painter) {
  const QRectF area = mParentPlot->axisRect()->rect();
  const QCPAxis* axis = mParentPlot->xAxis;
  const QFontMetrics metrics(theme::font(theme::Size::caption));
  painter->setFont(theme::font(theme::Size::caption));
  int index = 0;
  for (const auto& band : m_bands) {
    const double left = std::max(area.left(), axis->coordToPixel(band.begin));
    const double right = band.end ? std::min(area.right(), axis->coordToPixel(*band.end)) : area.right();
    const bool shaded = index++ % 2 == 0;
    if (right <= left) continue;
    const QRectF stretch(left, area.top(), right - left, area.height());
    if (shaded) {
      QColor fill = theme::text();
      fill.setAlphaF(theme::isDark() ? 0.05f : 0.035f);
      painter->fillRect(stretch, fill);
    }
    const QRectF strip(left, area.top(), right - left, bandStripHeight);
    const QString name = metrics.elidedText(band.name, Qt::ElideRight, int(strip.width()) - 2 * theme::gapSmall);
    painter->setPen(theme::mutedText());
    if (name.size() > 1)
      painter->drawText(strip.adjusted(theme::gapSmall, 0, -theme::gapSmall, 0), Qt::AlignVCenter | Qt::AlignLeft,
                        name);
    if (band.end && axis->coordToPixel(*band.end) <= area.right()) {
      painter->setPen(QPen(theme::border(), 1));
      painter->drawLine(QPointF(right, area.top()), QPointF(right, area.bottom()));
    }
  }
  for (const auto& mark : m_marks) {
    const double x = axis->coordToPixel(mark.step);
    if (x < area.left() - 1 || x > area.right() + 1) continue;
    const QPointF centre(x, area.bottom() - 6);
    QPolygonF diamond{centre + QPointF(0, -5), centre + QPointF(5, 0), centre + QPointF(0, 5), centre + QPointF(-5, 0)};
    painter->setAntialiasing(true);
    painter->setPen(QPen(theme::mutedText(), 1));
    painter->setBrush(theme::card());
    painter->drawPolygon(diamond);
    painter->setBrush(Qt::NoBrush);
  }
}

CrosshairItem::CrosshairItem(QCustomPlot* plot) : QCPAbstractItem(plot) {
  setLayer(QStringLiteral("overlay"));
  setSelectable(false);
}

void CrosshairItem::place(std::optional<double> step, std::vector<Dot> dots) {
  m_step = step;
  m_dots = std::move(dots);
}

void CrosshairItem::draw(QCPPainter* painter) {
  if (!m_step) return;
  const QRectF area = mParentPlot->axisRect()->rect();
  const double x = mParentPlot->xAxis->coordToPixel(*m_step);
  if (x < area.left() || x > area.right()) return;
  painter->setPen(QPen(theme::mutedText(), 1));
  painter->drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  painter->setAntialiasing(true);
  for (const auto& dot : m_dots) {
    if (!std::isfinite(dot.value)) continue;
    painter->setPen(QPen(theme::card(), 1.5));
    painter->setBrush(dot.color);
    painter->drawEllipse(QPointF(x, mParentPlot->yAxis->coordToPixel(dot.value)), 4, 4);
  }
}

double StepTicker::getTickStep(const QCPRange& range) {
  return std::max(1.0, std::floor(QCPAxisTicker::getTickStep(range)));  // not 2.5: there is no such step
}

QString StepTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  return theme::wholeNumber(std::llround(tick));
}

QVector<double> ValueTicker::createTickVector(double tickStep, const QCPRange& range) {
  if (!m_logarithmic || range.lower <= 0) return QCPAxisTicker::createTickVector(tickStep, range);
  const double low = std::log10(range.lower), high = std::log10(range.upper), decades = high - low;
  if (decades < 0.7) return QCPAxisTicker::createTickVector(tickStep, range);
  QVector<double> ticks;
  const int stride = std::max(1, int(std::ceil(decades / 8)));
  for (int power = int(std::floor(low)) - 1; power <= int(std::ceil(high)); ++power) {
    if (decades > 5) {
      if (power % stride == 0) ticks << std::pow(10, power);
      continue;
    }
    if (decades > 3) {
      ticks << std::pow(10, power) << 3 * std::pow(10, power);
      continue;
    }
    ticks << std::pow(10, power) << 2 * std::pow(10, power) << 5 * std::pow(10, power);
  }
  return ticks;
}

QString ValueTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  return m_text ? m_text(tick) : theme::shortNumber(tick);
}

}  // namespace llavakd
