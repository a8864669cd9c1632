// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How a StepChart looks: what the plot is given to draw, and with which pens.
#include <QList>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/qcustomplot_wrapper.h"
#include "widgets/charts/step_axis.h"
#include "widgets/charts/step_chart.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr float rawOpacity = 0.28f, bandOpacity = 0.12f;  // behind the smoothed line
constexpr float baselineOpacity = 0.7f, overlayOpacity = 0.55f;
constexpr double baselineWidth = 2.5, overlayWidth = 1, dotSize = 4;
constexpr std::size_t fewBandPoints = 300;
constexpr int tickPadding = 5, rightMargin = 14;
constexpr double noValue = std::numeric_limits<double>::quiet_NaN();

QColor faded(QColor color, float opacity) {
  color.setAlphaF(opacity);
  return color;
}

}  // namespace

// The colour says which term it is, so strokes are left to say which run: dashes and gaps in widths of the pen.
QPen overlaidPen(const QPen& line, bool baseline, std::size_t place) {
  static const std::array<QList<qreal>, 7> strokes{
      QList<qreal>{7, 4},        QList<qreal>{2, 3},        QList<qreal>{10, 4, 2, 4},      QList<qreal>{16, 6},
      QList<qreal>{2, 3, 2, 10}, QList<qreal>{5, 2, 5, 10}, QList<qreal>{12, 3, 2, 3, 2, 3}};
  QPen pen = line;
  pen.setStyle(Qt::SolidLine);
  if (!baseline && place > 0) pen.setDashPattern(strokes[(place - 1) % strokes.size()]);
  pen.setColor(faded(line.color(), baseline ? baselineOpacity : overlayOpacity));
  pen.setWidthF(baseline ? baselineWidth : overlayWidth);
  return pen;
}

// The plot gets the points that can be seen and no more, so that a million steps pan as smoothly as a thousand.
void StepChart::fillGraphs(const QSize& area) {
  m_plot->xAxis->ticker().staticCast<StepTicker>()->setRoom(area.width());
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setRoom(area.height());
  const QCPRange range = m_plot->xAxis->range();
  const int width = std::max(100, area.width());
  if (!m_dirty && std::pair(range.lower, range.upper) == m_filledRange && width == m_filledWidth) return;
  m_dirty = false;
  m_filledRange = {range.lower, range.upper};
  m_filledWidth = width;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    if (m_visible[i]) {
      fillLine(i, std::size_t(width));
      for (std::size_t k = 0; k < m_overlays.size(); ++k) fillOverlay(k, i, std::size_t(width));
      continue;
    }
    for (auto* graph : {m_lowest[i], m_highest[i], m_raw[i], m_average[i], m_dots[i]}) graph->data()->clear();
    for (const auto& overlay : m_overlays) overlay.graphs[i]->data()->clear();
  }
}

void StepChart::fillLine(std::size_t line, std::size_t columns) {
  const auto& series = m_series[line];
  const QCPRange range = m_plot->xAxis->range();
  const double low = m_places ? stepAt(range.lower) : range.lower, high = m_places ? stepAt(range.upper) : range.upper;
  const bool inSteps = m_places != nullptr, dense = series.isDense(low, high, columns);
  std::vector<LinePoint> points = series.line(low, high, columns);
  if (dense) points = oneStrokeAColumn(points, low, high, columns);
  fillGraph(m_raw[line], points, inSteps);
  // So many strokes are drawn plain; dashes along each of them would say nothing and cost seconds.
  const bool busy = dense && isBusy(points);
  m_raw[line]->setAntialiased(!busy);
  m_raw[line]->setPen(rawPen(line, busy));
  fillDots(line);
  points = m_smoothing.isOn() ? smoothed(series, low, high, columns) : std::vector<LinePoint>();
  fillGraph(m_average[line], points, inSteps);
  m_average[line]->setAntialiased(!isBusy(points));
  std::vector<LinePoint> lowest, highest;
  if (m_smoothing.isOn() && m_bandOfExtremes)
    for (const BandPoint& point : series.band(low, high, columns, m_smoothing.window())) {
      lowest.push_back({point.x, point.least});
      highest.push_back({point.x, point.most});
    }
  fillGraph(m_lowest[line], lowest, inSteps);
  fillGraph(m_highest[line], highest, inSteps);
  // Qt takes long for smooth edges of an outline that goes up and down all over the chart.
  m_highest[line]->setAntialiasedFill(highest.size() <= fewBandPoints);
}

// Of other runs the smoothed line alone, where there is one: raw lines of several runs hide each other.
void StepChart::fillOverlay(std::size_t overlay, std::size_t line, std::size_t columns) {
  const auto& series = m_overlays[overlay].series[line];
  const QCPRange range = m_plot->xAxis->range();
  fillGraph(m_overlays[overlay].graphs[line],
            m_smoothing.isOn() ? smoothed(series, range.lower, range.upper, columns)
                               : series.line(range.lower, range.upper, columns),
            false);
}

void StepChart::fillGraph(QCPGraph* graph, const std::vector<LinePoint>& points, bool inSteps) const {
  QVector<QCPGraphData> drawn;
  drawn.reserve(qsizetype(points.size()));
  for (const LinePoint& point : points)
    drawn.append({inSteps ? position(point.x) : point.x, m_logValues && !(point.y > 0) ? noValue : point.y});
  graph->data()->set(drawn, true);
}

// Where two strokes are on one column of pixels, a faint colour would be twice as strong. They are in the middle of
// their columns, or roundings would leave some columns empty.
std::vector<LinePoint> StepChart::oneStrokeAColumn(const std::vector<LinePoint>& points, double low, double high,
                                                   std::size_t columns) const {
  const bool logarithmic = m_logSteps && low > 0;
  const double width = logarithmic ? std::log(high / low) : high - low;
  const auto columnOf = [&](double x) {
    return std::floor((logarithmic ? std::log(x / low) : x - low) / width * double(columns));
  };
  const auto middleOf = [&](double x) {
    const double way = (columnOf(x) + 0.5) / double(columns) * width;
    return logarithmic ? low * std::exp(way) : low + way;
  };
  std::vector<LinePoint> strokes;
  for (std::size_t i = 0; i < points.size();) {
    const LinePoint first = points[i];
    const double middle = middleOf(first.x);
    if (std::isnan(first.y)) {
      strokes.push_back({middle, points[i++].y});
      continue;
    }
    double near = first.y, far = first.y;
    for (const double column = columnOf(first.x);
         i < points.size() && !std::isnan(points[i].y) && columnOf(points[i].x) == column; ++i) {
      near = std::min(near, points[i].y);
      far = std::max(far, points[i].y);
    }
    const double before = strokes.empty() ? noValue : strokes.back().y;
    if (std::abs(before - far) < std::abs(before - near)) std::swap(near, far);
    strokes.push_back({middle, near});
    if (near != far) strokes.push_back({middle, far});
  }
  return strokes;
}

// Whether strokes go up and down all over the chart: a plain thin one says as much there.
bool StepChart::isBusy(const std::vector<LinePoint>& points) const {
  constexpr double heights = 4;
  double way = 0, before = noValue;
  for (const LinePoint& point : points) {
    const double y = m_plot->yAxis->coordToPixel(point.y);
    if (std::isfinite(y - before)) way += std::abs(y - before);
    before = y;
  }
  return way > heights * m_plot->axisRect()->height();
}

// The first step of a stage, a value between two gaps: no line would show it.
void StepChart::fillDots(std::size_t line) {
  QVector<QCPGraphData> dots;
  const auto& points = *m_raw[line]->data();
  for (auto point = points.constBegin(); point != points.constEnd(); ++point) {
    const auto next = point + 1;
    if (std::isfinite(point->value) && (point == points.constBegin() || !std::isfinite((point - 1)->value)) &&
        (next == points.constEnd() || !std::isfinite(next->value)))
      dots.append(*point);
  }
  m_dots[line]->data()->set(dots, true);
}

std::vector<LinePoint> StepChart::smoothed(const HistorySeries& series, double low, double high,
                                           std::size_t columns) const {
  const std::size_t points = std::max<std::size_t>(1, columns / 2);  // of which there are up to twice as many
  return m_smoothing.kind == Smoothing::Kind::exponential ? series.exponential(low, high, points, m_smoothing.factor)
                                                          : series.centred(low, high, points, m_smoothing.window());
}

QPen StepChart::rawPen(std::size_t line, bool dense) const {
  const QPen pen = m_lines[line].pen();
  if (m_smoothing.isOn()) return QPen(faded(pen.color(), rawOpacity), 1);
  return dense ? QPen(pen.color(), 1) : pen;
}

std::vector<QPointF> StepChart::drawnPoints(int line, bool smoothed) const {
  std::vector<QPointF> points;
  const auto* graph = smoothed ? m_average[std::size_t(line)] : m_raw[std::size_t(line)];
  for (const auto& point : *graph->data()) points.emplace_back(point.key, point.value);
  return points;
}

std::vector<QPointF> StepChart::drawnDots(int line) const {
  std::vector<QPointF> points;
  for (const auto& point : *m_dots[std::size_t(line)]->data()) points.emplace_back(point.key, point.value);
  return points;
}

void StepChart::restyle() {
  m_dirty = true;
  m_plot->setBackground(theme::card());
  const QFont numbers = theme::numberFont(theme::Size::caption), words = theme::font(theme::Size::caption);
  for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
    axis->setBasePen(axis == m_plot->xAxis ? QPen(theme::border(), 1) : QPen(Qt::NoPen));
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(theme::mutedText());
    axis->setTickLabelFont(numbers);
    axis->setTickLabelPadding(tickPadding);
    axis->setLabelColor(theme::mutedText());
    axis->setLabelFont(words);
    axis->grid()->setPen(QPen(faded(theme::border(), 0.6f), 1));
    axis->grid()->setZeroLinePen(Qt::NoPen);
  }
  m_plot->xAxis->grid()->setVisible(false);
  m_plot->xAxis->setTickLabels(!m_compact);
  m_plot->xAxis->setLabel(m_compact || m_valueTitle.isEmpty() ? QString() : axisTitle(m_axis));
  m_plot->yAxis->setLabel(m_compact ? QString() : shownTitle());
  m_bands->setTitle(m_compact ? shownTitle() : QString());
  // One left edge for all charts, wide enough for every number, so that a step has one place and nothing jumps.
  const int title = m_valueTitle.isEmpty() ? 0 : QFontMetrics(words).height() + tickPadding;
  const int left = title + QFontMetrics(numbers).horizontalAdvance(QStringLiteral("0.00005")) + 2 * tickPadding;
  m_plot->axisRect()->setAutoMargins(m_compact ? QCP::MarginSides(QCP::msNone) : QCP::MarginSides(QCP::msBottom));
  m_plot->axisRect()->setMargins(QMargins(left, bandStripHeight, rightMargin, tickPadding));
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    const QPen pen = m_lines[i].pen();
    m_raw[i]->setPen(rawPen(i, false));
    m_average[i]->setPen(pen);
    m_dots[i]->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), pen.color(), dotSize));
    m_lowest[i]->setPen(Qt::NoPen);
    m_highest[i]->setPen(Qt::NoPen);
    m_highest[i]->setBrush(faded(pen.color(), bandOpacity));
    for (std::size_t k = 0; k < m_overlays.size(); ++k)
      m_overlays[k].graphs[i]->setPen(overlaidPen(pen, m_overlays[k].run.baseline, m_overlays[k].run.place));
  }
  redraw();
}

}  // namespace llavakd
