// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace llavakd {

/// Values over steps, in order, with their exponential moving average beside them. Steps grow; a run that was resumed
/// goes back to its checkpoint, and what lay after it is dropped so that no line runs backwards.
class StepSeries {
 public:
  /// Adds a point. Returns true when points at or after `step` were dropped first.
  bool append(double step, double value);
  void clear();
  /// Begins the average anew at the next point: another stage has another loss.
  void restartAverage() { m_restarts.push_back(m_steps.size()); }

  /// Share of the past in the average, 0 (off) to below 1. The average starts unbiased: after one point it is that
  /// point (the correction of Adam's moments), and gaps (NaN) don't enter it.
  void setSmoothing(double factor);
  double smoothing() const { return m_factor; }

  std::size_t size() const { return m_steps.size(); }
  bool isEmpty() const { return m_steps.empty(); }
  const std::vector<double>& steps() const { return m_steps; }
  const std::vector<double>& values() const { return m_values; }
  const std::vector<double>& averages() const { return m_averages; }

  /// Index of the point nearest to a step; nothing when empty.
  std::optional<std::size_t> nearest(double step) const;
  /// Indices [first, last) of the points with steps in [low, high].
  std::pair<std::size_t, std::size_t> indicesIn(double low, double high) const;
  /// The newest finite value of the present stage, which began at the last restartAverage().
  std::optional<double> last() const;
  /// Mean of the newest `share` of the present stage's points minus the mean of as many before them: where it is
  /// heading. Nothing before there are two points.
  std::optional<double> trend(double share) const;
  /// Whether the present stage has points, finite or not.
  bool hasBegun() const { return stageBegin() < m_values.size(); }

 private:
  void appendAverage(std::size_t index);
  /// Index of the present stage's first point.
  std::size_t stageBegin() const { return m_restarts.empty() ? 0 : m_restarts.back(); }

  std::vector<double> m_steps, m_values, m_averages;
  std::vector<double> m_sums, m_weights;  ///< Running state of the average at each point, so that a run can go back.
  std::vector<std::size_t> m_restarts;    ///< Indices at which the average begins anew, ascending.
  double m_factor = 0;
};

/// Indices of the points [first, last) that a drawing `buckets` columns wide needs: all of them when they are few, else
/// of each column the first, the smallest, the largest and the last, so that no spike is lost. A gap (NaN) in a column
/// is kept.
std::vector<std::size_t> thinned(const std::vector<double>& values, std::size_t first, std::size_t last,
                                 std::size_t buckets);

}  // namespace llavakd
