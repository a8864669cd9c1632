// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Which steps and values a StepChart shows.
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "widgets/charts/axis_range_popup.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/step_axis.h"
#include "widgets/charts/step_chart.h"
#include "widgets/charts/value_card.h"

namespace llavakd {
namespace {

constexpr double widestView = 4;   // of the data's width
constexpr double leastSteps = 4;   // less shows nothing more
constexpr double edgeRoom = 8;     // pixels over the highest line and under the lowest
constexpr double emptySteps = 10;  // shown before there are any

// The middle of the view stays over the data, so that half a screen at most is empty.
QCPRange nearData(const QCPRange& range, const QCPRange& data) {
  const double widest = widestView * std::max(data.size(), 1e-12), size = std::min(range.size(), widest);
  const double middle = std::clamp(range.center(), data.lower, data.upper);
  return {middle - size / 2, middle + size / 2};
}

QCPRange logarithmsOf(const QCPRange& range) {
  return {std::log(range.lower), std::log(range.upper)};
}

}  // namespace

void StepChart::fit() {
  const bool was = m_fitted;
  m_fitted = true;
  m_chosenValues.reset();
  applyRange();
  redraw();
  if (!was) Q_EMIT fittedChanged(true);
  const auto [low, high] = shownSteps();
  Q_EMIT shownStepsChanged(low, high);
}

void StepChart::leaveFit() {
  if (!m_fitted) return;
  m_fitted = false;
  Q_EMIT fittedChanged(false);
}

std::pair<double, double> StepChart::dataPositions() const {
  double first = 0, last = emptySteps;
  if (!m_history->is_empty()) {
    first = m_history->step(0);
    last = std::max(m_history->step(m_history->size() - 1), first + 1);
  }
  if (m_logSteps)
    first = std::max(first, 1.0);
  else if (first <= 1)
    first = 0;
  double low = position(first), high = position(last);
  for (const auto& overlay : m_overlays) {
    if (overlay.series.empty() || overlay.series.front().isEmpty()) continue;
    low = std::min(low, std::max(overlay.series.front().x(0), m_logSteps ? low : 0.0));
    high = std::max(high, overlay.series.front().x(overlay.series.front().size() - 1));
  }
  return {low, high};
}

double StepChart::positionsAStep() const {
  const double steps = m_history->is_empty() ? emptySteps : m_history->step(m_history->size() - 1);
  return (position(std::max(steps, 1.0)) - position(0)) / std::max(steps, 1.0);
}

void StepChart::applyRange() {
  const auto [low, high] = dataPositions();
  m_applying = true;
  m_plot->xAxis->setRange(
      low, m_logSteps ? high * std::pow(high / low, 0.02) : high + std::max(positionsAStep(), (high - low) * 0.02));
  m_applying = false;
  const auto [first, last] = shownSteps();
  applyValueRange(first, last);
  if (m_card->isVisible()) placeCard();
}

void StepChart::applyValueRange(double firstStep, double lastStep) {
  if (m_chosenValues) return setValueRange(m_chosenValues->first, m_chosenValues->second);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto take = [&](const HistorySeries& series, double from, double to) {
    const auto [begin, end] = series.indicesIn(from, to);
    const auto found = series.extremes(begin, end, m_logValues);
    if (!found) return;
    low = std::min(low, found->first);
    high = std::max(high, found->second);
  };
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    if (!m_visible[i]) continue;
    take(m_series[i], place(firstStep), place(lastStep));
    for (const auto& overlay : m_overlays) take(overlay.series[i], position(firstStep), position(lastStep));
  }
  if (low > high) low = m_logValues ? 0.1 : 0, high = 1;
  // No line touches the edge.
  const double room = edgeRoom / std::max(40, m_plot->axisRect()->height());
  if (m_logValues) {
    const double span = std::max(std::log(high / low), 0.05);
    low = std::exp(std::log(low) - room * span);
    high = std::exp(std::log(high) + room * span);
  } else {
    const double span = high > low ? high - low : std::max(1e-9, std::abs(high) * 0.1);
    // A magnitude near zero starts at zero: the eye compares heights.
    low = low >= 0 && low < 0.4 * high ? 0 : low - room * span;
    high += room * span;
  }
  setValueRange(low, high);
}

void StepChart::setValueRange(double low, double high) {
  m_applying = true;
  m_plot->yAxis->setRange(low, high);
  m_applying = false;
}

std::pair<double, double> StepChart::shownSteps() const {
  return {stepAt(m_plot->xAxis->range().lower), stepAt(m_plot->xAxis->range().upper)};
}

std::optional<std::pair<double, double>> StepChart::stepsInView() const {
  if (m_series.empty()) return std::nullopt;
  const auto [low, high] = shownSteps();
  const auto [first, last] = m_series.front().indicesIn(place(low), place(high));
  if (first == last) return std::nullopt;
  return std::pair(m_history->step(first), m_history->step(last - 1));
}

std::pair<double, double> StepChart::shownValues() const {
  return {m_plot->yAxis->range().lower, m_plot->yAxis->range().upper};
}

void StepChart::showSteps(double low, double high) {
  if (!(high > low)) return;
  leaveFit();
  m_applying = true;
  m_plot->xAxis->setRange(position(low), position(high));
  m_applying = false;
  applyValueRange(low, high);
  redraw();
}

void StepChart::showValues(double low, double high) {
  if (!(high > low) || (m_logValues && !(low > 0))) return;
  m_chosenValues = {low, high};
  leaveFit();
  setValueRange(low, high);
  redraw();
  placeCard();
}

void StepChart::fitValues() {
  m_chosenValues.reset();
  const auto [low, high] = shownSteps();
  applyValueRange(low, high);
  redraw();
  placeCard();
}

// Whoever pans or zooms away from the data would find nothing there.
void StepChart::keepNearData(Qt::Orientation orientation) {
  const bool steps = orientation == Qt::Horizontal, logarithmic = steps ? m_logSteps : m_logValues;
  auto* axis = steps ? m_plot->xAxis : m_plot->yAxis;
  QCPRange bounds;
  if (steps) {
    std::tie(bounds.lower, bounds.upper) = dataPositions();
  } else {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto take = [&](const HistorySeries& series) {
      const auto found = series.extremes(0, series.size(), m_logValues);
      if (!found) return;
      low = std::min(low, found->first);
      high = std::max(high, found->second);
    };
    for (std::size_t i = 0; i < m_series.size(); ++i) {
      if (!m_visible[i]) continue;
      take(m_series[i]);
      for (const auto& overlay : m_overlays) take(overlay.series[i]);
    }
    if (low > high) return;
    bounds = {std::min(low, m_logValues ? high : 0.0), high};
  }
  if (logarithmic && !(bounds.lower > 0)) bounds.lower = std::min(bounds.upper, axis->range().lower);
  if (logarithmic && !(bounds.lower > 0 && axis->range().lower > 0)) return;
  QCPRange range =
      logarithmic ? nearData(logarithmsOf(axis->range()), logarithmsOf(bounds)) : nearData(axis->range(), bounds);
  if (logarithmic) range = {std::exp(range.lower), std::exp(range.upper)};
  m_applying = true;
  axis->setRange(range);
  m_applying = false;
}

// By the mouse: dragged, or zoomed into a rectangle.
void StepChart::rangeMoved(Qt::Orientation orientation) {
  if (m_applying) return;
  leaveFit();
  keepNearData(orientation);
  if (orientation == Qt::Vertical) m_chosenValues = shownValues();
  placeCard();
  if (orientation == Qt::Vertical) return;
  const auto [low, high] = shownSteps();
  Q_EMIT shownStepsChanged(low, high);
}

void StepChart::zoom(Qt::Orientation orientation, double factor, double centre) {
  leaveFit();
  const bool steps = orientation == Qt::Horizontal;
  m_applying = true;
  if (steps) {
    const double least = leastSteps * positionsAStep();
    const auto range = m_plot->xAxis->range();
    if (factor < 1 && range.size() * factor < least) factor = std::min(1.0, least / range.size());
  }
  (steps ? m_plot->xAxis : m_plot->yAxis)->scaleRange(factor, centre);
  m_applying = false;
  keepNearData(orientation);
  if (!steps) m_chosenValues = shownValues();
  redraw();
  placeCard();
  if (!steps) return;
  const auto [low, high] = shownSteps();
  Q_EMIT shownStepsChanged(low, high);
}

void StepChart::askForRange(Qt::Orientation orientation) {
  const bool steps = orientation == Qt::Horizontal;
  const auto& range = (steps ? m_plot->xAxis : m_plot->yAxis)->range();
  const QString title = steps ? axisTitle(m_axis) : m_valueTitle.isEmpty() ? tr("Values") : m_valueTitle;
  auto* popup = new AxisRangePopup(title, range.lower, range.upper, steps ? m_logSteps : m_logValues, this);
  connect(popup, &AxisRangePopup::chosen, this, [this, steps](double low, double high) {
    if (!steps) return showValues(low, high);
    showSteps(stepAt(low), stepAt(high));
    Q_EMIT shownStepsChanged(stepAt(low), stepAt(high));
  });
  connect(popup, &AxisRangePopup::reset, this, &StepChart::fit);
  const QRectF area = plotArea();
  popup->open(mapToGlobal(steps ? QPoint(int(area.center().x()), int(area.bottom())) : area.topLeft().toPoint()));
}

}  // namespace llavakd
