// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/layer_rows.h"

#include <cmath>

#include "core/kernels/clones.h"

namespace llavakd {

namespace {

// Templates over the type of the numbers; the clones below only name the type.

template <typename Type>
[[gnu::always_inline]] inline void rotate(const Type* x, Type* out, const float* cos, const float* sin, int64_t first,
                                          int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  const int64_t half = dim / 2;
  for (int64_t row = 0; row < rows; ++row) {
    const float* c = cos + (first + row) % tokens * half;
    const float* s = sin + (first + row) % tokens * half;
    for (int64_t head = 0; head < heads; ++head) {
      const Type* from = x + (row * heads + head) * dim;
      Type* to = out + (row * heads + head) * dim;
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const float turned = s[i] * direction, a = wide(from[i]), b = wide(from[half + i]);
        to[i] = narrow<Type>(a * c[i] - b * turned);
        to[half + i] = narrow<Type>(b * c[i] + a * turned);
      }
    }
  }
}

template <typename Type>
[[gnu::always_inline]] inline void rms_norm(const Type* x, const Type* weight, Type* out, float* scale, int64_t rows,
                                            int64_t width, float eps) {
  for (int64_t row = 0; row < rows; ++row, x += width, out += width) {
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < width; ++i) squares += wide(x[i]) * wide(x[i]);
    const float factor = 1 / std::sqrt(squares / static_cast<float>(width) + eps);
    scale[row] = factor;
#pragma omp simd
    for (int64_t i = 0; i < width; ++i)
      out[i] = narrow<Type>(wide(narrow<Type>(wide(x[i]) * factor)) * wide(weight[i]));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void rms_norm_backward(const Type* x, const Type* weight, const float* scale,
                                                     const Type* upstream, Type* dx, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width, dx += width) {
    const float factor = scale[row];
    float along = 0;
#pragma omp simd reduction(+ : along)
    for (int64_t i = 0; i < width; ++i) along += wide(upstream[i]) * wide(weight[i]) * wide(x[i]);
    const float pull = along * factor * factor / static_cast<float>(width);
#pragma omp simd
    for (int64_t i = 0; i < width; ++i)
      dx[i] = narrow<Type>(factor * (wide(upstream[i]) * wide(weight[i]) - wide(x[i]) * pull));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void rms_norm_weight(const Type* x, const float* scale, const Type* upstream, float* dw,
                                                   int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width) {
    const float factor = scale[row];
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) dw[i] += wide(upstream[i]) * wide(x[i]) * factor;
  }
}

[[gnu::always_inline]] inline float opening(Gate gate, float x) {
  return 1 / (1 + fast_exp(-x * (gate.linear + gate.cubic * x * x)));
}

template <typename Type>
[[gnu::always_inline]] inline void open(Gate gate, const Type* x, Type* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = wide(x[i]);
    out[i] = narrow<Type>(value * opening(gate, value));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void gated(Gate gate, const Type* x, const Type* up, Type* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = wide(x[i]);
    out[i] = narrow<Type>(value * opening(gate, value) * wide(up[i]));
  }
}

/// What opens, and the derivative of value · open.
struct Opened {
  float open, slope;
};

[[gnu::always_inline]] inline Opened opened(Gate gate, float value) {
  const float open = opening(gate, value);
  return {open, open + value * open * (1 - open) * (gate.linear + 3 * gate.cubic * value * value)};
}

template <typename Type>
[[gnu::always_inline]] inline void open_backward(Gate gate, const Type* x, const Type* upstream, Type* dx,
                                                 int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) dx[i] = narrow<Type>(wide(upstream[i]) * opened(gate, wide(x[i])).slope);
}

template <typename Type>
[[gnu::always_inline]] inline void gated_backward(Gate gate, const Type* x, const Type* up, const Type* upstream,
                                                  Type* dx, Type* dup, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = wide(x[i]), g = wide(upstream[i]);
    const Opened by = opened(gate, value);
    dx[i] = narrow<Type>(g * wide(up[i]) * by.slope);
    dup[i] = narrow<Type>(g * value * by.open);
  }
}

}  // namespace

LLAVAKD_CLONES void rotate_rows(const float* x, float* out, const float* cos, const float* sin, int64_t first,
                                int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  rotate(x, out, cos, sin, first, rows, tokens, heads, dim, direction);
}

LLAVAKD_CLONES void rotate_rows(const Bfloat* x, Bfloat* out, const float* cos, const float* sin, int64_t first,
                                int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  rotate(x, out, cos, sin, first, rows, tokens, heads, dim, direction);
}

LLAVAKD_CLONES void rms_norm_rows(const float* x, const float* weight, float* out, float* scale, int64_t rows,
                                  int64_t width, float eps) {
  rms_norm(x, weight, out, scale, rows, width, eps);
}

LLAVAKD_CLONES void rms_norm_rows(const Bfloat* x, const Bfloat* weight, Bfloat* out, float* scale, int64_t rows,
                                  int64_t width, float eps) {
  rms_norm(x, weight, out, scale, rows, width, eps);
}

LLAVAKD_CLONES void rms_norm_rows_backward(const float* x, const float* weight, const float* scale,
                                           const float* upstream, float* dx, int64_t rows, int64_t width) {
  rms_norm_backward(x, weight, scale, upstream, dx, rows, width);
}

LLAVAKD_CLONES void rms_norm_rows_backward(const Bfloat* x, const Bfloat* weight, const float* scale,
                                           const Bfloat* upstream, Bfloat* dx, int64_t rows, int64_t width) {
  rms_norm_backward(x, weight, scale, upstream, dx, rows, width);
}

LLAVAKD_CLONES void rms_norm_weight_backward(const float* x, const float* scale, const float* upstream, float* dw,
                                             int64_t rows, int64_t width) {
  rms_norm_weight(x, scale, upstream, dw, rows, width);
}

LLAVAKD_CLONES void rms_norm_weight_backward(const Bfloat* x, const float* scale, const Bfloat* upstream, float* dw,
                                             int64_t rows, int64_t width) {
  rms_norm_weight(x, scale, upstream, dw, rows, width);
}

LLAVAKD_CLONES void gate_rows(Gate gate, const float* x, float* out, int64_t count) {
  open(gate, x, out, count);
}

LLAVAKD_CLONES void gate_rows(Gate gate, const Bfloat* x, Bfloat* out, int64_t count) {
  open(gate, x, out, count);
}

LLAVAKD_CLONES void gate_rows_backward(Gate gate, const float* x, const float* upstream, float* dx, int64_t count) {
  open_backward(gate, x, upstream, dx, count);
}

LLAVAKD_CLONES void gate_rows_backward(Gate gate, const Bfloat* x, const Bfloat* upstream, Bfloat* dx, int64_t count) {
  open_backward(gate, x, upstream, dx, count);
}

LLAVAKD_CLONES void gated_rows(Gate gate, const float* x, const float* up, float* out, int64_t count) {
  gated(gate, x, up, out, count);
}

LLAVAKD_CLONES void gated_rows(Gate gate, const Bfloat* x, const Bfloat* up, Bfloat* out, int64_t count) {
  gated(gate, x, up, out, count);
}

LLAVAKD_CLONES void gated_rows_backward(Gate gate, const float* x, const float* up, const float* upstream, float* dx,
                                        float* dup, int64_t count) {
  gated_backward(gate, x, up, upstream, dx, dup, count);
}

LLAVAKD_CLONES void gated_rows_backward(Gate gate, const Bfloat* x, const Bfloat* up, const Bfloat* upstream,
                                        Bfloat* dx, Bfloat* dup, int64_t count) {
  gated_backward(gate, x, up, upstream, dx, dup, count);
}

}  // namespace llavakd
