// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/step_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace llavakd {

bool StepSeries::append(double step, double value) {
  bool dropped = false;
  if (!m_steps.empty() && step <= m_steps.back()) {
    const auto kept = std::size_t(std::lower_bound(m_steps.begin(), m_steps.end(), step) - m_steps.begin());
    for (auto* column : {&m_steps, &m_values, &m_averages, &m_sums, &m_weights}) column->resize(kept);
    while (!m_restarts.empty() && m_restarts.back() > kept) m_restarts.pop_back();
    dropped = true;
  }
  m_steps.push_back(step);
  m_values.push_back(value);
  appendAverage(m_values.size() - 1);
  return dropped;
}

void StepSeries::clear() {
  for (auto* column : {&m_steps, &m_values, &m_averages, &m_sums, &m_weights}) column->clear();
  m_restarts.clear();
}

void StepSeries::setSmoothing(double factor) {
  m_factor = std::clamp(factor, 0.0, 0.9999);
  m_averages.clear();
  m_sums.clear();
  m_weights.clear();
  for (std::size_t i = 0; i < m_values.size(); ++i) appendAverage(i);
}

void StepSeries::appendAverage(std::size_t index) {
  const double value = m_values[index];
  const bool anew = index == 0 || std::binary_search(m_restarts.begin(), m_restarts.end(), index);
  double sum = anew ? 0 : m_sums.back();
  double weight = anew ? 0 : m_weights.back();
  const bool usable = std::isfinite(value);
  if (usable) {
    sum = m_factor * sum + (1 - m_factor) * value;
    weight = m_factor * weight + (1 - m_factor);
  }
  m_sums.push_back(sum);
  m_weights.push_back(weight);
  m_averages.push_back(usable ? sum / weight : std::numeric_limits<double>::quiet_NaN());
}

std::optional<std::size_t> StepSeries::nearest(double step) const {
  if (m_steps.empty()) return std::nullopt;
  const auto after = std::lower_bound(m_steps.begin(), m_steps.end(), step);
  if (after == m_steps.begin()) return 0;
  if (after == m_steps.end()) return m_steps.size() - 1;
  const auto index = std::size_t(after - m_steps.begin());
  return step - m_steps[index - 1] <= m_steps[index] - step ? index - 1 : index;
}

std::pair<std::size_t, std::size_t> StepSeries::indicesIn(double low, double high) const {
  const auto first = std::lower_bound(m_steps.begin(), m_steps.end(), low);
  const auto last = std::upper_bound(first, m_steps.end(), high);
  return {std::size_t(first - m_steps.begin()), std::size_t(last - m_steps.begin())};
}

std::optional<double> StepSeries::last() const {
  for (std::size_t i = m_values.size(); i > stageBegin(); --i)
    if (std::isfinite(m_values[i - 1])) return m_values[i - 1];
  return std::nullopt;
}

std::optional<double> StepSeries::trend(double share) const {
  // Across a joint of two stages the loss is another sum.
  const std::size_t points = m_values.size() - stageBegin();
  const auto count = std::max<std::size_t>(1, std::size_t(std::llround(share * double(points))));
  if (points < 2 * count) return std::nullopt;
  const auto mean = [&](std::size_t begin) {
    double sum = 0, finite = 0;
    for (std::size_t i = begin; i < begin + count; ++i)
      if (std::isfinite(m_values[i])) sum += m_values[i], ++finite;
    return sum / finite;
  };
  const double change = mean(m_values.size() - count) - mean(m_values.size() - 2 * count);
  return std::isfinite(change) ? std::optional(change) : std::nullopt;
}

std::vector<std::size_t> thinned(const std::vector<double>& values, std::size_t first, std::size_t last,
                                 std::size_t buckets) {
  constexpr std::size_t kept_of_a_column = 5;
  std::vector<std::size_t> kept;
  const std::size_t count = last - first;
  const bool few = count <= kept_of_a_column * buckets;
  kept.reserve(few ? count : kept_of_a_column * buckets);
  if (few) {
    for (std::size_t i = first; i < last; ++i) kept.push_back(i);
    return kept;
  }
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    const std::size_t begin = first + count * bucket / buckets, end = first + count * (bucket + 1) / buckets;
    std::size_t least = begin, most = begin, gap = end;
    for (std::size_t i = begin; i < end; ++i) {
      if (std::isnan(values[i])) {
        gap = i;
      } else {
        if (!(values[i] >= values[least])) least = i;
        if (!(values[i] <= values[most])) most = i;
      }
    }
    std::size_t chosen[] = {begin, std::min(least, most), std::max(least, most), std::min(gap, end - 1), end - 1};
    std::sort(std::begin(chosen), std::end(chosen));
    for (const std::size_t index : chosen)
      if (kept.empty() || kept.back() != index) kept.push_back(index);
  }
  return kept;
}

}  // namespace llavakd
