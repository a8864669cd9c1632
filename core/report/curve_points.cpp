// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/curve_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace llavakd {
namespace {

/// Numbers of a key that can be drawn. The history holds what is too large for float32 as the largest that isn't.
bool is_drawable(double value) {
  return std::isfinite(value) && std::abs(value) < static_cast<double>(std::numeric_limits<float>::max());
}

NumberRange drawable_range(const StepHistory& steps, size_t key, size_t first, size_t last) {
  const NumberRange quick = steps.range(key, first, last);
  if (quick.is_empty() || (is_drawable(quick.least) && is_drawable(quick.most))) return quick;
  NumberRange range;
  for (size_t row = first; row < last; ++row)
    if (const double value = steps.value(key, row); is_drawable(value)) range.add(static_cast<float>(value));
  return range;
}

/// Rows at which stages begin, and the end; of a run without stages only both ends.
std::vector<size_t> joints_of(const ReportRun& run) {
  std::vector<size_t> joints{0};
  for (const ReportStage& stage : run.stages)
    if (stage.first_row > joints.back() && stage.first_row < run.steps->size()) joints.push_back(stage.first_row);
  joints.push_back(run.steps->size());
  return joints;
}

}  // namespace

Curve curve_of(const ReportRun& run, const std::string& key, size_t most_points) {
  Curve curve;
  const StepHistory& steps = *run.steps;
  const auto found = steps.find(key);
  curve.rows = steps.size();
  if (!found || steps.is_empty()) return curve;
  curve.rows_a_point = (steps.size() + most_points - 1) / most_points;
  const std::vector<size_t> joints = joints_of(run);
  size_t with = 0;
  for (size_t stage = 0; stage + 1 < joints.size(); ++stage) {
    bool begins = true;
    for (size_t row = joints[stage]; row < joints[stage + 1];) {
      const size_t end = std::min(row + curve.rows_a_point, joints[stage + 1]);
      const NumberRange range = drawable_range(steps, *found, row, end);
      with += range.count;
      if (!range.is_empty())
        curve.points.push_back({.x = steps.step(row + (end - 1 - row) / 2),
                                .mean = range.mean(),
                                .least = range.least,
                                .most = range.most,
                                .begins = begins});
      begins = range.is_empty();
      row = end;
    }
  }
  curve.without = curve.rows - std::min(with, curve.rows);
  return curve;
}

}  // namespace llavakd
