// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

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
  double value() const { return m_weight > 0 ? m_sum / m_weight : std::numeric_limits<double>::quiet_NaN(); }

  /// The newest values that make up all but `tolerance` of it.
  std::size_t reach(double tolerance) const {
    return m_factor > 0 ? std::size_t(std::ceil(std::log(tolerance) / std::log(m_factor))) : 1;
  }

 private:
  double m_factor, m_sum = 0, m_weight = 0;
};

}  // namespace llavakd
