// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A StepChart as a picture of any size and as numbers.
#include <QPaintEngine>
#include <algorithm>
#include <utility>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

struct LegendLine {
  QString name;
  QPen pen;
};

// Draws the names of the lines from left to right, in as many rows as they need; gives the height.
int paintLegend(QPainter& painter, int width, const std::vector<LegendLine>& lines) {
  const QFont font = theme::font(theme::Size::caption);
  const QFontMetrics metrics(font);
  const int rowHeight = metrics.height() + theme::gapTiny;
  int x = theme::gap, y = theme::gapTiny;
  painter.setFont(font);
  for (const auto& line : lines) {
    const int needed = legendSampleWidth + theme::gapTiny + metrics.horizontalAdvance(line.name);
    if (x > theme::gap && x + needed > width - theme::gap) x = theme::gap, y += rowHeight;
    const double middle = y + rowHeight / 2.0;
    painter.setPen(line.pen);
    painter.drawLine(QPointF(x, middle), QPointF(x + legendSampleWidth, middle));
    painter.setPen(theme::text());
    const int left = x + legendSampleWidth + theme::gapTiny, room = width - left - theme::gapTiny;
    painter.drawText(QRect(left, y, room, rowHeight), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(line.name, Qt::ElideRight, room));
    x += needed + theme::gapLarge;
  }
  return y + rowHeight;
}

}  // namespace

void StepChart::paint(QPaintDevice* device, const QSize& size) {
  const bool compact = std::exchange(m_compact, false);
  restyle();
  QCPPainter painter(device);
  painter.setMode(QCPPainter::pmVectorized, painter.paintEngine()->type() != QPaintEngine::Raster);
  painter.setMode(QCPPainter::pmNoCaching);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRect(QPoint(), size), theme::card());
  std::vector<LegendLine> names;
  for (std::size_t i = 0; i < m_lines.size(); ++i)
    if (m_visible[i] && m_series[i].extremes(0, m_series[i].size()))
      names.push_back({m_lines[i].name, m_lines[i].pen()});
  // Other runs by the first shown line, whose weight is that of all of theirs.
  const auto line = std::find(m_visible.begin(), m_visible.end(), true) - m_visible.begin();
  for (const auto& [run, series, graphs] : m_overlays)
    if (std::size_t(line) < m_lines.size())
      names.push_back({run.name, overlaidPen(m_lines[std::size_t(line)].pen(), run.baseline, run.place)});
  const int legend = names.size() > 1 ? paintLegend(painter, size.width(), names) : 0;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.translate(0, legend);
  m_crosshair->setVisible(false);
  // The picture's own room decides how many columns and ticks it has, not the window's.
  const QMargins margins = m_plot->axisRect()->margins();
  const int below = 2 * QFontMetrics(theme::font(theme::Size::caption)).height() + theme::gap;
  fillGraphs({size.width() - margins.left() - margins.right(), size.height() - legend - margins.top() - below});
  m_plot->toPainter(&painter, size.width(), std::max(1, size.height() - legend));
  m_crosshair->setVisible(true);
  m_compact = compact;
  m_dirty = true;
  // The window's own look comes back when the theme is the window's again.
  QMetaObject::invokeMethod(
      this, [this] { restyle(); }, Qt::QueuedConnection);
}

ChartTable StepChart::table() const {
  std::vector<ChartTable::Line> lines;
  for (std::size_t i = 0; i < m_lines.size(); ++i)
    if (m_visible[i]) lines.push_back({m_lines[i].name, m_lines[i].text, m_series[i]});
  const auto [low, high] = shownSteps();
  return {std::move(lines), m_smoothing, m_axis, m_places ? m_places : m_history, {place(low), place(high)}};
}

}  // namespace llavakd
