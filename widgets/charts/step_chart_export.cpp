// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A StepChart as a picture of any size and as numbers.
#include <QPaintEngine>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_axis.h"
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
    painter.drawText(QRect(x + legendSampleWidth + theme::gapTiny, y, width, rowHeight),
                     Qt::AlignVCenter | Qt::AlignLeft, line.name);
    x += needed + theme::gapLarge;
  }
  return y + rowHeight;
}

QString quotedField(const QString& text) {
  if (!text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n')) return text;
  return u'"' + QString(text).replace(QStringLiteral("\""), QStringLiteral("\"\"")) + u'"';
}

QString numberField(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', 7) : QString();  // as many digits as are recorded
}

// A column of the text: a line's values, and its smoothed ones by their places.
struct ExportedLine {
  HistorySeries series;
  std::vector<LinePoint> smoothed;
  std::size_t next = 0;

  // Of rows in order.
  QString smoothedField(std::size_t row) {
    const double x = series.x(row);
    while (next < smoothed.size() && (smoothed[next].x < x || std::isnan(smoothed[next].y))) ++next;
    return next < smoothed.size() && smoothed[next].x == x ? numberField(smoothed[next].y) : QString();
  }
};

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
  for (std::size_t k = 0; k < m_overlays.size() && std::size_t(line) < m_lines.size(); ++k)
    names.push_back(
        {m_overlays[k].run.name, overlaidPen(m_lines[std::size_t(line)].pen(), m_overlays[k].run.baseline)});
  const int legend = names.size() > 1 ? paintLegend(painter, size.width(), names) : 0;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.translate(0, legend);
  m_crosshair->setVisible(false);
  fillGraphs(size.width());
  m_plot->toPainter(&painter, size.width(), std::max(1, size.height() - legend));
  m_crosshair->setVisible(true);
  m_compact = compact;
  m_dirty = true;
  // The window's own look comes back when the theme is the window's again.
  QMetaObject::invokeMethod(
      this, [this] { restyle(); }, Qt::QueuedConnection);
}

std::function<QString()> StepChart::commaSeparated() const {
  const bool measured = m_axis != StepAxis::step;
  QStringList head{QStringLiteral("step")};
  if (measured) head << quotedField(axisTitle(m_axis));
  std::vector<HistorySeries> shown;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    if (!m_visible[i]) continue;
    head << quotedField(m_lines[i].name);
    if (m_smoothing.isOn()) head << quotedField(tr("%1 (smoothed)").arg(m_lines[i].name));
    shown.push_back(m_series[i]);
  }
  const auto [low, high] = shownSteps();
  // Copies of views: nothing is read before the text is wanted.
  return [head, shown, low = place(low), high = place(high), measured, axis = m_axis, smoothing = m_smoothing,
          history = m_history, places = m_places ? m_places : m_history] {
    QString text = head.join(u',') + u'\n';
    if (shown.empty()) return text;
    const auto [first, last] = shown.front().indicesIn(low, high);
    const std::size_t all = last - first + 2;  // as many columns as rows: each row is a point
    std::vector<ExportedLine> lines;
    for (const auto& series : shown)
      lines.push_back({series, !smoothing.isOn() ? std::vector<LinePoint>()
                               : smoothing.kind == Smoothing::Kind::exponential
                                   ? series.exponential(low, high, all, smoothing.factor)
                                   : series.centred(low, high, all, smoothing.window())});
    for (std::size_t row = first; row < last; ++row) {
      QStringList fields{QString::number(history->step(row), 'f', 0)};
      if (measured) fields << numberField(places->position(axis, history->step(row)));
      for (auto& line : lines) {
        fields << numberField(line.series.value(row));
        if (smoothing.isOn()) fields << line.smoothedField(row);
      }
      text += fields.join(u',') + u'\n';
    }
    return text;
  };
}

}  // namespace llavakd
