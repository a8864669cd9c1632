// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/finite_rows.h"

#include "core/kernels/clones.h"

namespace llavakd {

namespace {

template <typename Bits>
[[gnu::always_inline]] inline bool finite(const Bits* numbers, int64_t count, Bits exponent) {
  Bits found = 0;
#pragma omp simd reduction(| : found)
  for (int64_t i = 0; i < count; ++i) found |= (numbers[i] & exponent) == exponent ? Bits{1} : Bits{0};
  return found == 0;
}

}  // namespace

LLAVAKD_CLONES bool all_finite(const uint16_t* numbers, int64_t count, uint16_t exponent) {
  return finite(numbers, count, exponent);
}

LLAVAKD_CLONES bool all_finite(const uint32_t* numbers, int64_t count, uint32_t exponent) {
  return finite(numbers, count, exponent);
}

}  // namespace llavakd
