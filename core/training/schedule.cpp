// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/project/catalog.h"

namespace llavakd {

int64_t warmup_steps(double warmup_ratio, int64_t total_steps) {
  return static_cast<int64_t>(std::ceil(warmup_ratio * static_cast<double>(total_steps)));
}

double learning_rate_factor(const std::string& shape, int64_t step, int64_t warmup, int64_t total_steps) {
  find(catalog::schedules(), shape, "schedule");
  if (step < warmup) return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, warmup));
  if (shape == "constant") return 1;
  const double after = static_cast<double>(std::max<int64_t>(1, total_steps - warmup));
  if (shape == "linear") return std::max(0.0, static_cast<double>(total_steps - step) / after);
  const double progress = static_cast<double>(step - warmup) / after;
  return std::max(0.0, 0.5 * (1 + std::cos(std::numbers::pi * progress)));
}

}  // namespace llavakd
