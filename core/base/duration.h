// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace llavakd {

/// A duration as it is put into words, by the command line and by the window: a count of one unit, and below ten of it
/// also of the next smaller one.
struct DurationParts {
  enum class Unit { second, minute, hour, day };
  int64_t count = 0;
  Unit unit = Unit::second;
  int64_t rest = 0;  ///< Of the next smaller unit; 0 isn't shown.
};

/// Seconds below a minute, minutes and seconds below ten minutes, minutes below an hour, hours and minutes below two
/// days, then days and hours; rounded to the smallest that is shown. Nothing below zero, and no NaN: they are 0 s.
DurationParts duration_parts(double seconds);

/// "12 s", "3 min 20 s", "12 min", "2 h 5 min", "2 days 3 h".
std::string duration_text(double seconds);

}  // namespace llavakd
