// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/score_interval.h"

#include <algorithm>
#include <cmath>

namespace llavakd {

std::optional<ScoreInterval> score_interval(const TaskResult& result) {
  constexpr double z = 1.959963984540054;  // the normal distribution's 97.5 % quantile
  if (!result.score || result.n <= 0 || result.breakdown.by != Breakdown{}.by) return std::nullopt;
  if (!(*result.score >= 0 && *result.score <= 100)) return std::nullopt;
  const double n = static_cast<double>(result.n), share = *result.score / 100, z2 = z * z;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = z / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return ScoreInterval{.low = 100 * std::max(0.0, centre - half),
                       .high = 100 * std::min(1.0, centre + half),
                       .is_approximate = result.breakdown.parts.size() > 1};
}

}  // namespace llavakd
