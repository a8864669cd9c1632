// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/history_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "widgets/charts/exponential_average.h"

namespace llavakd {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t fewRows = 64;  // of which a share is computed one by one
constexpr double readTolerance = 1e-9;

}  // namespace

HistorySeries::HistorySeries(std::shared_ptr<const StepHistory> history, StepSelection selection)
    : m_history(std::move(history)), m_selection(std::move(selection)) {
  if (!m_history) return;
  constexpr std::string_view terms = "terms.";
  std::string key = m_selection.key;
  if (m_selection.view != StepView::raw && key.starts_with(terms)) key = "weighted." + key.substr(terms.size());
  m_key = m_history->find(key);
  if (m_selection.view == StepView::share) m_total = m_history->find("total");
}

double HistorySeries::value(std::size_t index) const {
  if (!m_key) return nothing;
  const double value = m_history->value(*m_key, index);
  if (!m_total) return value;
  const double total = m_history->value(*m_total, index);
  return total > 0 ? value / total : nothing;
}

double HistorySeries::shareOf(Rows rows) const {
  const NumberRange part = m_history->range(*m_key, rows.first, rows.second);
  const double total = m_history->range(*m_total, rows.first, rows.second).sum;
  return total > 0 && !part.is_empty() ? part.sum / total : nothing;
}

NumberRange HistorySeries::rangeOf(Rows rows) const {
  NumberRange range;
  if (!m_key || rows.first >= rows.second) return range;
  if (!m_total) return m_history->range(*m_key, rows.first, rows.second);
  const std::size_t count = rows.second - rows.first;
  if (count <= fewRows) {
    for (std::size_t row = rows.first; row < rows.second; ++row) range.add(float(value(row)));
  } else if (const double share = shareOf(rows); !std::isnan(share)) {
    range = {float(share), float(share), share * double(count), count};
  }
  return range;
}

HistorySeries::Rows HistorySeries::stageOf(std::size_t row) const {
  if (const auto span = m_history->span_of(row)) return m_history->rows_of(*span);
  return {0, m_history->spans().empty() ? size() : m_history->spans().front().first_row};
}

HistorySeries::Rows HistorySeries::presentStage() const {
  if (!m_history) return {0, 0};
  const std::size_t spans = m_history->spans().size();
  return spans > 0 ? m_history->rows_of(spans - 1) : Rows{0, size()};
}

std::optional<std::size_t> HistorySeries::nearest(double x) const {
  if (isEmpty()) return std::nullopt;
  const std::size_t after = m_history->row_at(m_selection.axis, x, 0, size());
  if (after == 0) return 0;
  if (after == size()) return size() - 1;
  return x - this->x(after - 1) <= this->x(after) - x ? after - 1 : after;
}

std::pair<std::size_t, std::size_t> HistorySeries::indicesIn(double low, double high) const {
  if (isEmpty()) return {0, 0};
  const std::size_t first = m_history->row_at(m_selection.axis, low, 0, size());
  std::size_t last = m_history->row_at(m_selection.axis, high, first, size());
  while (last < size() && x(last) <= high) ++last;  // a place has one row, but for steps that learnt from nothing
  return {first, last};
}

std::optional<std::pair<double, double>> HistorySeries::extremes(std::size_t first, std::size_t last,
                                                                 bool positive) const {
  last = std::min(last, size());
  if (!m_key || first >= last) return std::nullopt;
  NumberRange range;
  if (m_total) {
    const std::size_t stretch = std::max(fewRows, (last - first) / 1024);
    for (std::size_t row = first; row < last; row += stretch) range.add(rangeOf({row, std::min(last, row + stretch)}));
  } else {
    range = m_history->range(*m_key, first, last);
  }
  if (range.is_empty() || (positive && !(range.most > 0))) return std::nullopt;
  double least = range.least;
  if (positive && !(least > 0)) {
    const auto found = m_total ? std::nullopt : m_history->least_positive(*m_key, first, last);
    least = found ? double(*found) : double(range.most) / 1000;
  }
  return std::pair(least, double(range.most));
}

std::optional<double> HistorySeries::mean(std::size_t first, std::size_t last) const {
  const NumberRange range = rangeOf({first, std::min(last, size())});
  return range.is_empty() ? std::nullopt : std::optional(range.mean());
}

std::vector<std::size_t> HistorySeries::stageBegins() const {
  std::vector<std::size_t> begins;
  if (isEmpty()) return begins;
  begins.push_back(0);
  for (const StageSpan& span : m_history->spans())
    if (span.first_row > begins.back() && span.first_row < size()) begins.push_back(span.first_row);
  return begins;
}

std::optional<double> HistorySeries::last() const {
  auto [first, last] = presentStage();
  if (rangeOf({first, last}).is_empty()) return std::nullopt;
  // There is one in [first, last), and none after it.
  while (last - first > 1) {
    const std::size_t middle = first + (last - first) / 2;
    if (rangeOf({middle, last}).is_empty())
      last = middle;
    else
      first = middle;
  }
  return value(first);
}

std::optional<double> HistorySeries::trend(double share) const {
  // Across a joint of two stages the loss is another sum.
  const auto [first, last] = presentStage();
  const std::size_t points = last - first;
  const auto count = std::max<std::size_t>(1, std::size_t(std::llround(share * double(points))));
  if (points < 2 * count) return std::nullopt;
  const double change = rangeOf({last - count, last}).mean() - rangeOf({last - 2 * count, last - count}).mean();
  return std::isfinite(change) ? std::optional(change) : std::nullopt;
}

bool HistorySeries::hasBegun() const {
  const auto [first, last] = presentStage();
  return first < last;
}

void HistorySeries::take(ExponentialAverage& average, Rows rows) const {
  if (!m_key) return;
  m_history->for_each_stretch(*m_key, rows.first, rows.second, [&](std::size_t row, std::span<const float> values) {
    if (m_total)
      takeShares(average, row, values);
    else
      average.take(values);
  });
}

// What value() gives one by one, a stretch at a time.
void HistorySeries::takeShares(ExponentialAverage& average, std::size_t first, std::span<const float> parts) const {
  std::array<float, 256> shares{};
  m_history->for_each_stretch(*m_total, first, first + parts.size(), [&](std::size_t, std::span<const float> totals) {
    for (std::size_t begin = 0; begin < totals.size(); begin += shares.size()) {
      const std::size_t count = std::min(shares.size(), totals.size() - begin);
      for (std::size_t i = 0; i < count; ++i)
        shares[i] = totals[begin + i] > 0 ? parts[begin + i] / totals[begin + i] : float(nothing);
      average.take(std::span<const float>(shares).first(count));
    }
  });
}

double HistorySeries::exponentialAt(std::size_t index, double factor) const {
  if (std::isnan(value(index))) return nothing;
  ExponentialAverage average(factor);
  const std::size_t reach = average.reach(readTolerance);
  const std::size_t begin = std::max(stageOf(index).first, index + 1 > reach ? index + 1 - reach : 0);
  take(average, {begin, index + 1});
  return average.value();
}

HistorySeries::Rows HistorySeries::aroundIn(Rows stage, Rows rows, std::size_t window) const {
  const std::size_t half = window / 2;
  return {std::max(stage.first, rows.first > half ? rows.first - half : 0), std::min(stage.second, rows.second + half)};
}

double HistorySeries::centredAt(std::size_t index, std::size_t window) const {
  if (std::isnan(value(index))) return nothing;
  return rangeOf(aroundIn(stageOf(index), {index, index + 1}, window)).mean();
}

double HistorySeries::smoothedAt(std::size_t index, const Smoothing& smoothing) const {
  if (!smoothing.isOn()) return value(index);
  return smoothing.kind == Smoothing::Kind::exponential ? exponentialAt(index, smoothing.factor)
                                                        : centredAt(index, smoothing.window());
}

std::vector<double> HistorySeries::smoothedIn(std::size_t first, std::size_t last, const Smoothing& smoothing) const {
  std::vector<double> points;
  points.reserve(last - first);
  if (smoothing.kind != Smoothing::Kind::exponential || !smoothing.isOn()) {
    for (std::size_t row = first; row < last; ++row) points.push_back(smoothedAt(row, smoothing));
    return points;
  }
  ExponentialAverage average(smoothing.factor);
  for (std::size_t row = first; row < last;) {
    const Rows stage = stageOf(row);
    const std::size_t reach = average.reach(readTolerance);
    average.restart();
    take(average, {std::max(stage.first, row > reach ? row - reach : 0), row});
    for (const std::size_t end = std::min(last, stage.second); row < end; ++row) {
      const double y = value(row);
      average.take(y);
      points.push_back(std::isnan(y) ? nothing : average.value());
    }
  }
  return points;
}

}  // namespace llavakd
