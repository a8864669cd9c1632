// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/layer_rows.h"

#include <cmath>

#include "core/kernels/clones.h"

namespace llavakd {

LLAVAKD_CLONES void rotate_rows(const float* x, float* out, const float* cos, const float* sin, int64_t first,
                                int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  const int64_t half = dim / 2;
  for (int64_t row = 0; row < rows; ++row) {
    const float* c = cos + (first + row) % tokens * half;
    const float* s = sin + (first + row) % tokens * half;
    for (int64_t head = 0; head < heads; ++head) {
      const float* a = x + (row * heads + head) * dim;
      float* to = out + (row * heads + head) * dim;
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const float turned = s[i] * direction;
        to[i] = a[i] * c[i] - a[half + i] * turned;
        to[half + i] = a[half + i] * c[i] + a[i] * turned;
      }
    }
  }
}

LLAVAKD_CLONES void rms_norm_rows(const float* x, const float* weight, float* out, float* scale, int64_t rows,
                                  int64_t width, float eps) {
  for (int64_t row = 0; row < rows; ++row, x += width, out += width) {
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < width; ++i) squares += x[i] * x[i];
    const float factor = 1 / std::sqrt(squares / static_cast<float>(width) + eps);
    scale[row] = factor;
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) out[i] = x[i] * factor * weight[i];
  }
}

LLAVAKD_CLONES void rms_norm_rows_backward(const float* x, const float* weight, const float* scale,
                                           const float* upstream, float* dx, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width, dx += width) {
    const float factor = scale[row];
    float along = 0;
#pragma omp simd reduction(+ : along)
    for (int64_t i = 0; i < width; ++i) along += upstream[i] * weight[i] * x[i];
    const float pull = along * factor * factor / static_cast<float>(width);
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) dx[i] = factor * (upstream[i] * weight[i] - x[i] * pull);
  }
}

LLAVAKD_CLONES void rms_norm_weight_backward(const float* x, const float* scale, const float* upstream, float* dw,
                                             int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width) {
    const float factor = scale[row];
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) dw[i] += upstream[i] * x[i] * factor;
  }
}

}  // namespace llavakd
