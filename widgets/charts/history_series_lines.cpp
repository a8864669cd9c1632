// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What a drawing needs of a HistorySeries.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "widgets/charts/exponential_average.h"
#include "widgets/charts/history_series.h"

namespace llavakd {
namespace {

constexpr double gapValue = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t pointsAColumn = 2;  // up to so many are drawn as they are
constexpr double drawnTolerance = 1e-3;

// Rows that one drawn point stands for: a power of two, so that the same rows belong together wherever the edges are,
// with one point a column at least.
std::size_t rowsAPoint(std::size_t rows, std::size_t columns) {
  if (rows <= pointsAColumn * columns) return 1;
  std::size_t stride = 1;
  while (rows / (2 * stride) >= columns) stride *= 2;
  return stride;
}

}  // namespace

HistorySeries::Rows HistorySeries::rowsToDraw(double low, double high) const {
  auto [first, last] = indicesIn(low, high);
  if (first > 0) --first;  // the lines go on beyond the edges
  if (last < size()) ++last;
  return {first, last};
}

bool HistorySeries::isDense(double low, double high, std::size_t columns) const {
  const auto [first, last] = rowsToDraw(low, high);
  return rowsAPoint(last - first, std::max<std::size_t>(1, columns)) > 1;
}

// Calls `use(stage, rows)` for each drawn point and `gap(row)` at the joints of stages.
template <class Use, class Gap>
void HistorySeries::forEachBucket(double low, double high, std::size_t columns, Use use, Gap gap) const {
  auto [first, last] = rowsToDraw(low, high);
  const std::size_t stride = rowsAPoint(last - first, std::max<std::size_t>(1, columns));
  first -= first % stride;
  last = std::min(size(), (last + stride - 1) / stride * stride);
  for (std::size_t row = first; row < last;) {
    const Rows stage = stageOf(row);
    for (const std::size_t stageEnd = std::min(last, stage.second); row < stageEnd;) {
      const std::size_t end = std::min(stageEnd, (row / stride + 1) * stride);
      use(stage, Rows{row, end});
      row = end;
    }
    if (row < last) gap(row);
  }
}

std::vector<LinePoint> HistorySeries::line(double low, double high, std::size_t columns) const {
  std::vector<LinePoint> points;
  if (isEmpty() || !m_key) return points;
  const auto gap = [&](std::size_t row) {
    if (!points.empty() && !std::isnan(points.back().y)) points.push_back({x(row), gapValue});
  };
  forEachBucket(
      low, high, columns,
      [&](Rows, Rows rows) {
        if (rows.second - rows.first == 1) {
          const double y = value(rows.first);
          if (std::isnan(y)) return gap(rows.first);
          points.push_back({x(rows.first), y});
          return;
        }
        const NumberRange range = rangeOf(rows);
        if (range.is_empty()) return gap(rows.first);
        const double place = x(rows.first), before = points.empty() ? gapValue : points.back().y;
        double near = range.least, far = range.most;
        if (std::abs(before - far) < std::abs(before - near)) std::swap(near, far);
        points.push_back({place, near});
        if (near != far) points.push_back({place, far});
      },
      gap);
  return points;
}

std::vector<LinePoint> HistorySeries::exponential(double low, double high, std::size_t columns, double factor) const {
  std::vector<LinePoint> points;
  if (isEmpty() || !m_key) return points;
  const auto gap = [&](std::size_t row) {
    if (!points.empty() && !std::isnan(points.back().y)) points.push_back({x(row), gapValue});
  };
  ExponentialAverage average(factor);
  const std::size_t reach = average.reach(drawnTolerance);
  std::size_t done = 0;  // rows before it are in the average, as far as they count
  std::optional<std::size_t> stageBegin;
  const auto takeUpTo = [&](Rows stage, std::size_t end) {
    const std::size_t begin = std::max(stage.first, end > reach ? end - reach : 0);
    if (stageBegin != stage.first || begin > done) {
      average.restart();
      done = begin;
      stageBegin = stage.first;
    }
    take(average, {done, end});
    done = end;
  };
  forEachBucket(
      low, high, columns,
      [&](Rows stage, Rows rows) {
        takeUpTo(stage, rows.first);
        const ExponentialAverage before = average;
        takeUpTo(stage, rows.second);
        const NumberRange range = rangeOf(rows);
        if (range.is_empty()) return gap(rows.first);
        const std::size_t count = rows.second - rows.first;
        points.push_back({x(rows.first + count / 2),
                          count == 1 ? average.value() : average.meanSince(before, range.mean(), range.count)});
      },
      gap);
  return points;
}

std::vector<LinePoint> HistorySeries::centred(double low, double high, std::size_t columns, std::size_t window) const {
  std::vector<LinePoint> points;
  if (isEmpty() || !m_key) return points;
  const auto gap = [&](std::size_t row) {
    if (!points.empty() && !std::isnan(points.back().y)) points.push_back({x(row), gapValue});
  };
  forEachBucket(
      low, high, columns,
      [&](Rows stage, Rows rows) {
        const NumberRange range = rangeOf(rows);
        if (range.is_empty()) return gap(rows.first);
        const std::size_t count = rows.second - rows.first, middle = rows.first + count / 2;
        // A mean over fewer rows than the drawn point stands for would leave out the others.
        const double mean =
            window > count ? rangeOf(aroundIn(stage, {middle, middle + 1}, window)).mean() : range.mean();
        if (!std::isnan(mean)) points.push_back({x(middle), mean});
      },
      gap);
  return points;
}

std::vector<BandPoint> HistorySeries::band(double low, double high, std::size_t columns, std::size_t window) const {
  std::vector<BandPoint> points;
  if (isEmpty() || !m_key) return points;
  const auto gap = [&](std::size_t row) {
    if (!points.empty() && !std::isnan(points.back().least)) points.push_back({x(row), gapValue, gapValue});
  };
  forEachBucket(
      low, high, columns,
      [&](Rows stage, Rows rows) {
        const NumberRange range = rangeOf(aroundIn(stage, rows, window));
        if (range.is_empty()) return gap(rows.first);
        points.push_back({x(rows.first), double(range.least), double(range.most)});
      },
      gap);
  return points;
}

}  // namespace llavakd
