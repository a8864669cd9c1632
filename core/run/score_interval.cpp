// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/score_interval.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/run/proportions.h"

namespace llavakd {

std::optional<ScoreInterval> score_interval(const TaskResult& result) {
  if (!result.score || result.n <= 0 || result.breakdown.by != Breakdown{}.by) return std::nullopt;
  if (!(*result.score >= 0 && *result.score <= 100)) return std::nullopt;
  // A share of n questions is a whole number of them; a mean over types is rounded to one.
  const auto right = static_cast<int64_t>(std::llround(*result.score / 100 * static_cast<double>(result.n)));
  const ShareInterval interval = wilson_interval(std::clamp<int64_t>(right, 0, result.n), result.n);
  return ScoreInterval{
      .low = 100 * interval.low, .high = 100 * interval.high, .is_approximate = result.breakdown.parts.size() > 1};
}

}  // namespace llavakd
