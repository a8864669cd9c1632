// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <cstddef>

namespace llavakd {

/// How a line is smoothed: not at all, by the exponential moving average, which looks back, or by a plain mean of as
/// many points before as after.
struct Smoothing {
  enum class Kind { off, exponential, centred };
  Kind kind = Kind::off;
  double factor = 0;  ///< Share of the past in the exponential average, 0 (off) to below 1.

  bool isOn() const { return kind != Kind::off && factor > 0; }
  /// Points of the centred mean, an odd number. A mean of N points whose newest is at hand looks back (N - 1) / 2 of
  /// them on average, and the exponential one f / (1 - f): these are the same.
  std::size_t window() const { return isOn() ? 2 * std::size_t(std::llround(factor / (1 - factor))) + 1 : 1; }
  bool operator==(const Smoothing&) const = default;
};

}  // namespace llavakd
