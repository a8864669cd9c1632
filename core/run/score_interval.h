// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>

#include "core/run/task_result.h"

namespace llavakd {

/// Where the share of right answers lies with a confidence of 95 %, in percent.
struct ScoreInterval {
  double low = 0, high = 100;
  /// The score is a mean over several types of questions, of which the numbers aren't known: exact only where all types
  /// have as many.
  bool is_approximate = false;
};

/// Wilson's interval (1927) of a score that is a share of n questions. Nothing where there is no score or no question,
/// or where the score is no share of right answers (its breakdown isn't by types).
std::optional<ScoreInterval> score_interval(const TaskResult& result);

}  // namespace llavakd
