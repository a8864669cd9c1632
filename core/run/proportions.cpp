// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/proportions.h"

#include <algorithm>
#include <cmath>

namespace llavakd {

ShareInterval wilson_interval(int64_t count, int64_t of) {
  if (of <= 0) return {};
  constexpr double z = 1.959963984540054;  // 97.5 % of the normal distribution lie below it
  const auto n = static_cast<double>(of);
  const double share = static_cast<double>(count) / n, scale = 1 + z * z / n;
  const double middle = (share + z * z / (2 * n)) / scale;
  const double half = z / scale * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  // Rounding must not leave a sliver outside of a bound that is exact.
  return {count == 0 ? 0 : std::max(0.0, middle - half), count == of ? 1 : std::min(1.0, middle + half)};
}

double exact_sign_test(int64_t one, int64_t other) {
  const int64_t n = one + other, fewer = std::min(one, other);
  if (n == 0 || one == other) return 1;
  // Logarithms: 0.5 to the power of n is no double any more beyond n = 1074.
  double logarithm = static_cast<double>(n) * std::log(0.5), tail = 0;
  for (int64_t k = 0; k <= fewer; ++k) {
    tail += std::exp(logarithm);
    logarithm += std::log(static_cast<double>(n - k)) - std::log(static_cast<double>(k + 1));
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace llavakd
