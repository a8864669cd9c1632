// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/adamw_update.h"

#include <cmath>

#include "core/kernels/clones.h"
#include "core/kernels/split_float.h"

#define LLAVAKD_INLINE inline __attribute__((always_inline))

namespace llavakd {
namespace {

LLAVAKD_INLINE float as_float(float value) {
  return value;
}
LLAVAKD_INLINE float as_float(uint16_t value) {
  return widen(value);
}

LLAVAKD_INLINE float update_element(float weight, float gradient, float& exp_avg, float& exp_avg_sq,
                                    const AdamWCoefficients& c) {
  const float g = gradient * c.gradient_scale;
  const float m = exp_avg + (1 - c.beta1) * (g - exp_avg);
  const float v = c.beta2 * exp_avg_sq + (1 - c.beta2) * g * g;
  exp_avg = m;
  exp_avg_sq = v;
  return weight * c.keep - c.step_size * m / (std::sqrt(v) * c.inverse_root_correction + c.eps);
}

template <class Gradient>
LLAVAKD_INLINE void update_split(uint16_t* __restrict weight, int16_t* __restrict remainder,
                                 const Gradient* __restrict gradient, float* __restrict exp_avg,
                                 float* __restrict exp_avg_sq, int64_t count, const AdamWCoefficients c) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float whole = join_float(weight[i], remainder[i]);
    const SplitFloat halves = split_float(update_element(whole, as_float(gradient[i]), exp_avg[i], exp_avg_sq[i], c));
    weight[i] = halves.high;
    remainder[i] = halves.remainder;
  }
}

/// In an order that no processor changes. Four streams at a time: one alone waits for memory.
template <class Value>
LLAVAKD_INLINE double lane_sums(const Value* values, int64_t count) {
  constexpr int64_t lanes = 16, streams = 4;
  double sums[streams][lanes] = {};
  const int64_t share = count / (lanes * streams) * lanes, whole = share * streams;
  for (int64_t i = 0; i < share; i += lanes)
    for (int64_t stream = 0; stream < streams; ++stream)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const double value = as_float(values[stream * share + i + lane]);
        sums[stream][lane] += value * value;
      }
  double total = 0;
  for (int64_t i = whole; i < count; ++i) total += static_cast<double>(as_float(values[i])) * as_float(values[i]);
  for (const auto& stream : sums)
    for (const double sum : stream) total += sum;
  return total;
}

}  // namespace

LLAVAKD_CLONES void adamw_update(float* __restrict weight, const float* __restrict gradient, float* __restrict exp_avg,
                                 float* __restrict exp_avg_sq, int64_t count, const AdamWCoefficients& coefficients) {
  const AdamWCoefficients c = coefficients;
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) weight[i] = update_element(weight[i], gradient[i], exp_avg[i], exp_avg_sq[i], c);
}

LLAVAKD_CLONES void adamw_update(uint16_t* weight, int16_t* remainder, const float* gradient, float* exp_avg,
                                 float* exp_avg_sq, int64_t count, const AdamWCoefficients& c) {
  update_split(weight, remainder, gradient, exp_avg, exp_avg_sq, count, c);
}

LLAVAKD_CLONES void adamw_update(uint16_t* weight, int16_t* remainder, const uint16_t* gradient, float* exp_avg,
                                 float* exp_avg_sq, int64_t count, const AdamWCoefficients& c) {
  update_split(weight, remainder, gradient, exp_avg, exp_avg_sq, count, c);
}

LLAVAKD_CLONES void split(const float* __restrict values, uint16_t* __restrict high, int16_t* __restrict remainder,
                          int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const SplitFloat halves = split_float(values[i]);
    high[i] = halves.high;
    remainder[i] = halves.remainder;
  }
}

LLAVAKD_CLONES void join(const uint16_t* __restrict high, const int16_t* __restrict remainder, float* __restrict values,
                         int64_t count) {
  for (int64_t i = 0; i < count; ++i) values[i] = join_float(high[i], remainder[i]);
}

LLAVAKD_CLONES double sum_of_squares(const float* values, int64_t count) {
  return lane_sums(values, count);
}

LLAVAKD_CLONES double sum_of_squares(const uint16_t* values, int64_t count) {
  return lane_sums(values, count);
}

}  // namespace llavakd
