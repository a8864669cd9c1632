// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/report/report_run.h"

namespace llavakd {

/// What is drawn of a stretch of steps: the mean, and the extremes, so that no spike is lost.
struct CurvePoint {
  double x = 0;  ///< Step of the run.
  double mean = 0, least = 0, most = 0;
  bool begins = false;  ///< The line doesn't come from the point before: a stage begins, or there were no numbers.
};

struct Curve {
  std::vector<CurvePoint> points;
  size_t rows = 0;          ///< Steps that it is made of, those without a number too.
  size_t without = 0;       ///< Steps of those that have no finite number.
  size_t rows_a_point = 1;  ///< More than 1: the extremes say something.
};

/// A key of a run's steps as at most `most_points` points and one a stage; of few steps each is a point. Infinities and
/// NaN are gaps.
Curve curve_of(const ReportRun& run, const std::string& key, size_t most_points = 480);

}  // namespace llavakd
