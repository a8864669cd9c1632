// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace llavakd {

/// An exponential moving average as it runs. It is unbiased from the first value on, by the correction that Adam makes
/// of its moments; what is no number (NaN) doesn't enter it.
class ExponentialAverage {
 public:
  /// Share of the past, 0 (none) to below 1.
  explicit ExponentialAverage(double factor) : m_factor(std::clamp(factor, 0.0, 0.9999)) {}

  void restart() { m_sum = m_weight = 0; }
  void take(double value) {
    if (std::isnan(value)) return;
    m_sum = m_factor * m_sum + (1 - m_factor) * value;
    m_weight = m_factor * m_weight + (1 - m_factor);
  }
  /// Several in order, four at a time: each value has to wait for the one before, which takes longer than to compute
  /// it.
  void take(std::span<const float> values) {
    const double f = m_factor, f2 = f * f, f3 = f2 * f, f4 = f2 * f2;
    while (values.size() >= 4) {
      const double a = double(values[0]), b = double(values[1]), c = double(values[2]), d = double(values[3]);
      if (std::isnan(a + b + c + d)) {
        for (const float value : values.first(4)) take(double(value));
      } else {
        m_sum = f4 * m_sum + (1 - f) * (f3 * a + f2 * b + f * c + d);
        m_weight = f4 * m_weight + (1 - f4);
      }
      values = values.subspan(4);
    }
    for (const float value : values) take(double(value));
  }
  double value() const { return m_weight > 0 ? m_sum / m_weight : std::numeric_limits<double>::quiet_NaN(); }

  /// The mean of the averages after each of `count` values with the mean `mean`, which led from `before` to here. It is
  /// the recurrence summed over these values, so it takes no walk through them; an average that is made from few values
  /// counts less, as it does in the correction.
  double meanSince(const ExponentialAverage& before, double mean, std::size_t count) const {
    const double past = m_factor / (1 - m_factor), values = double(count);
    const double weight = values + past * (before.m_weight - m_weight);
    return weight > 0 ? (values * mean + past * (before.m_sum - m_sum)) / weight
                      : std::numeric_limits<double>::quiet_NaN();
  }

  /// The newest values that make up all but `tolerance` of it.
  std::size_t reach(double tolerance) const {
    return m_factor > 0 ? std::size_t(std::ceil(std::log(tolerance) / std::log(m_factor))) : 1;
  }

 private:
  double m_factor, m_sum = 0, m_weight = 0;
};

}  // namespace llavakd
