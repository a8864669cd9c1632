// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/step_chart.h"

#include <QEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/qcustomplot_wrapper.h"
#include "widgets/charts/value_card.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr float rawOpacity = 0.28f;     // of the raw line behind its average
constexpr std::size_t densePoints = 5;  // in one pixel column
constexpr double noValue = std::numeric_limits<double>::quiet_NaN();

}  // namespace

StepChart::StepChart(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)), m_card(new ValueCard(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);  // room for the focus ring
  layout->addWidget(m_plot);
  setFocusPolicy(Qt::StrongFocus);
  m_plot->setFocusPolicy(Qt::NoFocus);
  m_plot->setMouseTracking(true);
  m_plot->installEventFilter(this);
  m_plot->setInteractions(QCP::iRangeDrag);
  m_plot->setNoAntialiasingOnDrag(true);
  m_plot->legend->setVisible(false);
  m_plot->xAxis->setTicker(QSharedPointer<StepTicker>::create());
  m_plot->yAxis->setTicker(QSharedPointer<ValueTicker>::create());
  m_bands = new StageBandsItem(m_plot);     // owned by the plot
  m_crosshair = new CrosshairItem(m_plot);  // owned by the plot
  for (auto* axis : {m_plot->xAxis, m_plot->yAxis})
    connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] {
      if (m_applying) return;
      leaveFit();
      placeCard();
      Q_EMIT shownStepsChanged(m_plot->xAxis->range().lower, m_plot->xAxis->range().upper);
    });
  setToolTip(
      tr("Wheel: zoom the steps (Shift: the values). Drag: pan. Ctrl+drag: zoom into a rectangle. "
         "Double click: fit. Arrow keys move the crosshair, Ctrl+C copies its values."));
  setAccessibleName(tr("Chart of values over steps"));
  connect(m_plot, &QCustomPlot::beforeReplot, this, &StepChart::fillGraphs);
  connect(m_plot, &QCustomPlot::afterReplot, this, [this] { m_painted = true; });
  restyle();
  applyRange();
}

StepChart::~StepChart() {
  m_plot->removeEventFilter(this);
}

void StepChart::setLines(std::vector<StepLine> lines) {
  m_lines = std::move(lines);
  m_series.assign(m_lines.size(), {});
  m_visible.assign(m_lines.size(), true);
  m_plot->clearGraphs();
  m_raw.clear();
  m_average.clear();
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    m_series[i].setSmoothing(m_smoothing);
    m_raw.push_back(m_plot->addGraph());
    m_average.push_back(m_plot->addGraph());
    // Of the points in one pixel column the smallest and the largest are drawn, so that a spike stays in sight.
    for (auto* graph : {m_raw.back(), m_average.back()}) graph->setAdaptiveSampling(true);
  }
  m_dirty = true;
  restyle();
}

void StepChart::append(int line, double step, double value) {
  m_series[std::size_t(line)].append(step, value);
  m_dirty = true;
}

void StepChart::appendDone() {
  if (m_fitted) applyRange();
  m_plot->replot(QCustomPlot::rpQueuedReplot);
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::restartAverages() {
  for (auto& series : m_series) series.restartAverage();
}

void StepChart::clearData() {
  for (auto& series : m_series) series.clear();
  m_dirty = true;
  m_bands->setBands({});
  m_bands->setMarks({});
  setCursor(std::nullopt);
  fit();
}

// The plot gets the points that can be seen and no more, so that a million steps pan as smoothly as a thousand.
void StepChart::fillGraphs() {
  const QCPRange range = m_plot->xAxis->range();
  const int width = std::max(100, m_plot->axisRect()->width());
  if (!m_dirty && std::pair(range.lower, range.upper) == m_filledRange && width == m_filledWidth) return;
  m_dirty = false;
  m_filledRange = {range.lower, range.upper};
  m_filledWidth = width;
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    const auto& series = m_series[i];
    auto [first, last] = series.indicesIn(range.lower, range.upper);
    if (first > 0) --first;  // the lines go on beyond the edges
    if (last < series.size()) ++last;
    const std::size_t columns = std::size_t(width);
    const bool dense = last - first > densePoints * columns;
    const auto shown = [this](double value) {
      return m_log && !(value > 0) ? noValue : value;
    };
    QVector<QCPGraphData> points;
    for (const std::size_t j : thinned(series.values(), first, last, columns))
      points.append({series.steps()[j], shown(series.values()[j])});
    m_raw[i]->data()->set(points, true);
    // So many strokes are drawn plain; dashes along each of them would say nothing and cost seconds.
    m_raw[i]->setAntialiased(!dense);
    m_raw[i]->setPen(rawPen(i, dense));
    points.clear();
    if (m_smoothing > 0) {
      // An average has no spikes to keep: one point a column is the line.
      const std::size_t stride = dense ? (last - first) / columns : 1;
      for (std::size_t j = first; j < last; j += stride)
        points.append({series.steps()[j], shown(series.averages()[j])});
    }
    m_average[i]->data()->set(points, true);
  }
}

QPen StepChart::rawPen(std::size_t line, bool dense) const {
  QPen pen = m_lines[line].pen();
  if (m_smoothing > 0) {
    QColor faint = pen.color();
    faint.setAlphaF(rawOpacity);
    return QPen(faint, 1);
  }
  return dense ? QPen(pen.color(), 1) : pen;
}

void StepChart::setBands(std::vector<StepBand> bands) {
  m_bands->setBands(std::move(bands));
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void StepChart::setMarks(std::vector<StepMark> marks) {
  m_bands->setMarks(std::move(marks));
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void StepChart::setBandsVisible(bool visible) {
  m_bandsVisible = visible;
  m_bands->setVisible(visible);
  if (m_fitted) applyRange();
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void StepChart::setLogValues(bool on) {
  if (m_log == on) return;
  m_log = on;
  m_applying = true;  // the axis may mend its range, which is no zoom
  m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  m_applying = false;
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setLogarithmic(on);
  m_dirty = true;
  const auto [low, high] = shownSteps();
  applyValueRange(low, high);  // the shown values mean something else now; the shown steps stay
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void StepChart::setSmoothing(double factor) {
  m_smoothing = factor;
  for (auto& series : m_series) series.setSmoothing(factor);
  m_dirty = true;
  restyle();
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::setLineVisible(int line, bool visible) {
  m_visible[std::size_t(line)] = visible;
  m_raw[std::size_t(line)]->setVisible(visible);
  m_average[std::size_t(line)]->setVisible(visible);
  if (m_fitted) applyRange();
  m_plot->replot(QCustomPlot::rpQueuedReplot);
  if (m_cursor) setCursor(m_cursor, m_card->isVisible());
}

void StepChart::setValueText(std::function<QString(double)> text) {
  m_plot->yAxis->ticker().staticCast<ValueTicker>()->setText(std::move(text));
}

void StepChart::fit() {
  const bool was = m_fitted;
  m_fitted = true;
  applyRange();
  m_plot->replot(QCustomPlot::rpQueuedReplot);
  if (!was) Q_EMIT fittedChanged(true);
  Q_EMIT shownStepsChanged(m_plot->xAxis->range().lower, m_plot->xAxis->range().upper);
}

void StepChart::leaveFit() {
  if (!m_fitted) return;
  m_fitted = false;
  Q_EMIT fittedChanged(false);
}

void StepChart::applyRange() {
  double low = std::numeric_limits<double>::max(), high = 0;
  for (const auto& series : m_series) {
    if (series.isEmpty()) continue;
    low = std::min(low, series.steps().front());
    high = std::max(high, series.steps().back());
  }
  if (low > high) low = 0, high = 10;
  if (low <= 1) low = 0;
  const double room = std::max(1.0, (high - low) * 0.02);
  m_applying = true;
  m_plot->xAxis->setRange(low, high + room);
  m_applying = false;
  applyValueRange(low, high + room);
  if (m_card->isVisible()) placeCard();
}

void StepChart::applyValueRange(double first, double last) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    if (!m_visible[i]) continue;
    const auto [begin, end] = m_series[i].indicesIn(first, last);
    for (std::size_t j = begin; j < end; ++j) {
      const double value = m_series[i].values()[j];
      if (!std::isfinite(value) || (m_log && value <= 0)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (low > high) low = m_log ? 0.1 : 0, high = 1;
  // Room above for the stages' names and below for the marks, so that they cover no line.
  const double height = std::max(60, m_plot->axisRect()->height());
  const double above = (m_bandsVisible ? bandStripHeight + 6 : 8) / height, below = 14 / height;
  if (m_log) {
    const double span = std::max(std::log(high / low), 0.05);
    const double scale = span / std::max(0.2, 1 - above - below);
    low = std::exp(std::log(low) - below * scale);
    high = std::exp(std::log(high) + above * scale);
  } else {
    const double span = high > low ? high - low : std::max(1e-9, std::abs(high) * 0.1);
    const double scale = span / std::max(0.2, 1 - above - below);
    // A magnitude near zero starts at zero: the eye compares heights.
    low = low >= 0 && low < 0.4 * high ? 0 : low - below * scale;
    high += above * scale;
  }
  m_applying = true;
  m_plot->yAxis->setRange(low, high);
  m_applying = false;
}

std::pair<double, double> StepChart::shownSteps() const {
  return {m_plot->xAxis->range().lower, m_plot->xAxis->range().upper};
}

std::pair<double, double> StepChart::shownValues() const {
  return {m_plot->yAxis->range().lower, m_plot->yAxis->range().upper};
}

void StepChart::showSteps(double low, double high) {
  if (!(high > low)) return;
  leaveFit();
  m_applying = true;
  m_plot->xAxis->setRange(low, high);
  m_applying = false;
  applyValueRange(low, high);
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QPointF StepChart::positionOf(double step, double value) const {
  return QPointF(m_plot->xAxis->coordToPixel(step), m_plot->yAxis->coordToPixel(value)) + m_plot->pos();
}

void StepChart::restyle() {
  m_dirty = true;
  m_plot->setBackground(theme::card());
  for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
    axis->setBasePen(axis == m_plot->xAxis ? QPen(theme::border(), 1) : QPen(Qt::NoPen));
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(theme::mutedText());
    axis->setTickLabelFont(theme::numberFont(theme::Size::caption));
    axis->setLabelColor(theme::mutedText());
    axis->setLabelFont(theme::font(theme::Size::caption));
    QColor grid = theme::border();
    grid.setAlphaF(0.6f);
    axis->grid()->setPen(QPen(grid, 1));
    axis->grid()->setZeroLinePen(Qt::NoPen);
  }
  m_plot->xAxis->grid()->setVisible(false);
  for (std::size_t i = 0; i < m_lines.size(); ++i) {
    m_raw[i]->setPen(rawPen(i, false));
    m_average[i]->setPen(m_lines[i].pen());
  }
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void StepChart::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) restyle();
  QWidget::changeEvent(event);
}

}  // namespace llavakd
