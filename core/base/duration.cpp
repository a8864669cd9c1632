// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace llavakd {

DurationParts duration_parts(double seconds) {
  using Unit = DurationParts::Unit;
  const double positive = seconds > 0 ? std::min(seconds, 1e12) : 0.0;
  const auto rounded = [positive](double unit) {
    return static_cast<int64_t>(std::llround(positive / unit));
  };
  const int64_t whole = rounded(1), minutes = rounded(60), hours = rounded(3600);
  if (whole < 60) return {whole, Unit::second, 0};
  if (whole < 600) return {whole / 60, Unit::minute, whole % 60};
  if (minutes < 60) return {minutes, Unit::minute, 0};
  if (minutes < 48 * 60) return {minutes / 60, Unit::hour, minutes % 60};
  return {hours / 24, Unit::day, hours % 24};
}

std::string duration_text(double seconds) {
  constexpr std::array names{"s", "min", "h", "days"};
  const DurationParts parts = duration_parts(seconds);
  const auto unit = static_cast<size_t>(parts.unit);
  std::string text = fmt::format("{} {}", parts.count, names[unit]);
  if (parts.rest > 0) text += fmt::format(" {} {}", parts.rest, names[unit - 1]);
  return text;
}

}  // namespace llavakd
