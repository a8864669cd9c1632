// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/adamw_update.h"

#include <array>
#include <cmath>

#include "core/kernels/clones.h"

namespace llavakd {

LLAVAKD_CLONES void adamw_update(float* __restrict weight, const float* __restrict gradient, float* __restrict moment1,
                                 float* __restrict moment2, int64_t count, const AdamWCoefficients& c) {
  const float scale = c.gradient_scale, beta1 = c.beta1, beta2 = c.beta2, keep = c.keep;
  const float step_size = c.step_size, inverse_root = c.inverse_root_correction, eps = c.eps;
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * scale;
    const float m = moment1[i] + (1 - beta1) * (g - moment1[i]);
    const float v = beta2 * moment2[i] + (1 - beta2) * g * g;
    moment1[i] = m;
    moment2[i] = v;
    weight[i] = weight[i] * keep - step_size * m / (std::sqrt(v) * inverse_root + eps);
  }
}

LLAVAKD_CLONES double sum_of_squares(const float* values, int64_t count) {
  constexpr int64_t lanes = 16;
  std::array<double, lanes> sums{};
  const int64_t whole = count - count % lanes;
  for (int64_t i = 0; i < whole; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const double value = values[i + lane];
      sums[static_cast<size_t>(lane)] += value * value;
    }
  double total = 0;
  for (int64_t i = whole; i < count; ++i) total += static_cast<double>(values[i]) * values[i];
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace llavakd
