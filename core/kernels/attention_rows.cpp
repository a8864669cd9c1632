// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/attention_rows.h"

#include <cmath>

#include "core/kernels/clones.h"

namespace llavakd {

namespace {

struct Span {
  int64_t begin, end;
};

[[gnu::always_inline]] inline Span visible_columns(const Visibility& visibility, int64_t row) {
  if (!visibility.causal) return {0, visibility.columns};
  const int64_t last = visibility.start + row % visibility.block + 1,
                end = last < visibility.columns ? last : visibility.columns;
  const int64_t begin = visibility.window > 0 && last > visibility.window ? last - visibility.window : 0;
  return {begin < end ? begin : end, end};
}

template <typename Type>
[[gnu::always_inline]] inline void softmax(Type* scores, float* normalizer, float* scratch, int64_t first, int64_t rows,
                                           float scale, const Visibility& visibility) {
  for (int64_t row = first; row < first + rows; ++row) {
    Type* s = scores + row * visibility.columns;
    const Span visible = visible_columns(visibility, row);
    float highest = -3e38F, sum = 0;
#pragma omp simd reduction(max : highest)
    for (int64_t i = visible.begin; i < visible.end; ++i) highest = to_fp32(s[i]) > highest ? to_fp32(s[i]) : highest;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = visible.begin; i < visible.end; ++i) {
      const float power = fast_exp((to_fp32(s[i]) - highest) * scale);
      scratch[i] = power;
      sum += power;
    }
    normalizer[row] = highest * scale + std::log(sum);
    const float factor = 1 / sum;
    for (int64_t i = 0; i < visible.begin; ++i) s[i] = from_fp32<Type>(0);
#pragma omp simd
    for (int64_t i = visible.begin; i < visible.end; ++i) s[i] = from_fp32<Type>(scratch[i] * factor);
    for (int64_t i = visible.end; i < visibility.columns; ++i) s[i] = from_fp32<Type>(0);
  }
}

template <typename Type>
[[gnu::always_inline]] inline void softmax_backward(Type* scores, const float* normalizer, Type* gradient,
                                                    int64_t first, int64_t rows, float scale,
                                                    const Visibility& visibility) {
  for (int64_t row = first; row < first + rows; ++row) {
    Type *s = scores + row * visibility.columns, *g = gradient + row * visibility.columns;
    const Span visible = visible_columns(visibility, row);
    const float log_sum = normalizer[row];
    float weighted_sum = 0;
#pragma omp simd reduction(+ : weighted_sum)
    for (int64_t i = visible.begin; i < visible.end; ++i) {
      const float p = fast_exp(to_fp32(s[i]) * scale - log_sum);
      s[i] = from_fp32<Type>(p);
      weighted_sum += p * to_fp32(g[i]);
    }
    for (int64_t i = 0; i < visible.begin; ++i) s[i] = g[i] = from_fp32<Type>(0);
#pragma omp simd
    for (int64_t i = visible.begin; i < visible.end; ++i)
      g[i] = from_fp32<Type>(scale * to_fp32(s[i]) * (to_fp32(g[i]) - weighted_sum));
    for (int64_t i = visible.end; i < visibility.columns; ++i) s[i] = g[i] = from_fp32<Type>(0);
  }
}

}  // namespace

LLAVAKD_CLONES void attention_softmax_rows(float* scores, float* normalizer, float* scratch, int64_t first,
                                           int64_t rows, float scale, const Visibility& visibility) {
  softmax(scores, normalizer, scratch, first, rows, scale, visibility);
}

LLAVAKD_CLONES void attention_softmax_rows(Bfloat* scores, float* normalizer, float* scratch, int64_t first,
                                           int64_t rows, float scale, const Visibility& visibility) {
  softmax(scores, normalizer, scratch, first, rows, scale, visibility);
}

LLAVAKD_CLONES void attention_softmax_rows_backward(float* scores, const float* normalizer, float* gradient,
                                                    int64_t first, int64_t rows, float scale,
                                                    const Visibility& visibility) {
  softmax_backward(scores, normalizer, gradient, first, rows, scale, visibility);
}

LLAVAKD_CLONES void attention_softmax_rows_backward(Bfloat* scores, const float* normalizer, Bfloat* gradient,
                                                    int64_t first, int64_t rows, float scale,
                                                    const Visibility& visibility) {
  softmax_backward(scores, normalizer, gradient, first, rows, scale, visibility);
}

}  // namespace llavakd
