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

[[gnu::always_inline]] inline Span visible(const Visibility& sees, int64_t row) {
  if (!sees.causal) return {0, sees.columns};
  const int64_t last = sees.start + row % sees.block + 1, end = last < sees.columns ? last : sees.columns;
  const int64_t begin = sees.window > 0 && last > sees.window ? last - sees.window : 0;
  return {begin < end ? begin : end, end};
}

template <typename Type>
[[gnu::always_inline]] inline void softmax(Type* scores, float* normalizer, float* scratch, int64_t first, int64_t rows,
                                           float scale, const Visibility& sees) {
  for (int64_t row = first; row < first + rows; ++row) {
    Type* s = scores + row * sees.columns;
    const Span seen = visible(sees, row);
    float highest = -3e38F, sum = 0;
#pragma omp simd reduction(max : highest)
    for (int64_t i = seen.begin; i < seen.end; ++i) highest = wide(s[i]) > highest ? wide(s[i]) : highest;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = seen.begin; i < seen.end; ++i) {
      const float power = fast_exp((wide(s[i]) - highest) * scale);
      scratch[i] = power;
      sum += power;
    }
    normalizer[row] = highest * scale + std::log(sum);
    const float factor = 1 / sum;
    for (int64_t i = 0; i < seen.begin; ++i) s[i] = narrow<Type>(0);
#pragma omp simd
    for (int64_t i = seen.begin; i < seen.end; ++i) s[i] = narrow<Type>(scratch[i] * factor);
    for (int64_t i = seen.end; i < sees.columns; ++i) s[i] = narrow<Type>(0);
  }
}

template <typename Type>
[[gnu::always_inline]] inline void softmax_backward(Type* scores, const float* normalizer, Type* gradient,
                                                    int64_t first, int64_t rows, float scale, const Visibility& sees) {
  for (int64_t row = first; row < first + rows; ++row) {
    Type *s = scores + row * sees.columns, *g = gradient + row * sees.columns;
    const Span seen = visible(sees, row);
    const float log_sum = normalizer[row];
    float along = 0;
#pragma omp simd reduction(+ : along)
    for (int64_t i = seen.begin; i < seen.end; ++i) {
      const float p = fast_exp(wide(s[i]) * scale - log_sum);
      s[i] = narrow<Type>(p);
      along += p * wide(g[i]);
    }
    for (int64_t i = 0; i < seen.begin; ++i) s[i] = g[i] = narrow<Type>(0);
#pragma omp simd
    for (int64_t i = seen.begin; i < seen.end; ++i) g[i] = narrow<Type>(scale * wide(s[i]) * (wide(g[i]) - along));
    for (int64_t i = seen.end; i < sees.columns; ++i) s[i] = g[i] = narrow<Type>(0);
  }
}

}  // namespace

LLAVAKD_CLONES void attention_softmax_rows(float* scores, float* normalizer, float* scratch, int64_t first,
                                           int64_t rows, float scale, const Visibility& sees) {
  softmax(scores, normalizer, scratch, first, rows, scale, sees);
}

LLAVAKD_CLONES void attention_softmax_rows(Bfloat* scores, float* normalizer, float* scratch, int64_t first,
                                           int64_t rows, float scale, const Visibility& sees) {
  softmax(scores, normalizer, scratch, first, rows, scale, sees);
}

LLAVAKD_CLONES void attention_softmax_rows_backward(float* scores, const float* normalizer, float* gradient,
                                                    int64_t first, int64_t rows, float scale, const Visibility& sees) {
  softmax_backward(scores, normalizer, gradient, first, rows, scale, sees);
}

LLAVAKD_CLONES void attention_softmax_rows_backward(Bfloat* scores, const float* normalizer, Bfloat* gradient,
                                                    int64_t first, int64_t rows, float scale, const Visibility& sees) {
  softmax_backward(scores, normalizer, gradient, first, rows, scale, sees);
}

}  // namespace llavakd
