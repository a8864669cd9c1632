// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/layer_rows.h"

#include <cmath>

#include "core/kernels/clones.h"

namespace llavakd {

namespace {

// Templates over the type of the numbers; the clones below only name the type.

template <typename Type>
[[gnu::always_inline]] inline void rotary(const Type* x, Type* out, const float* cos, const float* sin, int64_t first,
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
        const float signed_sin = s[i] * direction, a = to_fp32(from[i]), b = to_fp32(from[half + i]);
        to[i] = from_fp32<Type>(a * c[i] - b * signed_sin);
        to[half + i] = from_fp32<Type>(b * c[i] + a * signed_sin);
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
    for (int64_t i = 0; i < width; ++i) squares += to_fp32(x[i]) * to_fp32(x[i]);
    const float factor = 1 / std::sqrt(squares / static_cast<float>(width) + eps);
    scale[row] = factor;
#pragma omp simd
    for (int64_t i = 0; i < width; ++i)
      out[i] = from_fp32<Type>(to_fp32(from_fp32<Type>(to_fp32(x[i]) * factor)) * to_fp32(weight[i]));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void rms_norm_backward(const Type* x, const Type* weight, const float* scale,
                                                     const Type* upstream, Type* dx, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width, dx += width) {
    const float factor = scale[row];
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < width; ++i) dot += to_fp32(upstream[i]) * to_fp32(weight[i]) * to_fp32(x[i]);
    const float correction = dot * factor * factor / static_cast<float>(width);
#pragma omp simd
    for (int64_t i = 0; i < width; ++i)
      dx[i] = from_fp32<Type>(factor * (to_fp32(upstream[i]) * to_fp32(weight[i]) - to_fp32(x[i]) * correction));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void rms_norm_weight(const Type* x, const float* scale, const Type* upstream, float* dw,
                                                   int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row, x += width, upstream += width) {
    const float factor = scale[row];
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) dw[i] += to_fp32(upstream[i]) * to_fp32(x[i]) * factor;
  }
}

/// The factor of x in activation(x).
[[gnu::always_inline]] inline float gate_value(Activation activation, float x) {
  return 1 / (1 + fast_exp(-x * (activation.linear + activation.cubic * x * x)));
}

template <typename Type>
[[gnu::always_inline]] inline void activate(Activation activation, const Type* x, Type* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = to_fp32(x[i]);
    out[i] = from_fp32<Type>(value * gate_value(activation, value));
  }
}

template <typename Type>
[[gnu::always_inline]] inline void glu(Activation activation, const Type* x, const Type* up, Type* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = to_fp32(x[i]);
    out[i] = from_fp32<Type>(value * gate_value(activation, value) * to_fp32(up[i]));
  }
}

/// The gate σ(…) at `value`, and the derivative of value · gate.
struct GateAndDerivative {
  float gate, derivative;
};

[[gnu::always_inline]] inline GateAndDerivative gate_and_derivative(Activation activation, float value) {
  const float gate = gate_value(activation, value);
  return {gate, gate + value * gate * (1 - gate) * (activation.linear + 3 * activation.cubic * value * value)};
}

template <typename Type>
[[gnu::always_inline]] inline void activate_backward(Activation activation, const Type* x, const Type* upstream,
                                                     Type* dx, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i)
    dx[i] = from_fp32<Type>(to_fp32(upstream[i]) * gate_and_derivative(activation, to_fp32(x[i])).derivative);
}

template <typename Type>
[[gnu::always_inline]] inline void glu_backward(Activation activation, const Type* x, const Type* up,
                                                const Type* upstream, Type* dx, Type* dup, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float value = to_fp32(x[i]), g = to_fp32(upstream[i]);
    const GateAndDerivative at_value = gate_and_derivative(activation, value);
    dx[i] = from_fp32<Type>(g * to_fp32(up[i]) * at_value.derivative);
    dup[i] = from_fp32<Type>(g * value * at_value.gate);
  }
}

}  // namespace

LLAVAKD_CLONES void rotary_rows(const float* x, float* out, const float* cos, const float* sin, int64_t first,
                                int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  rotary(x, out, cos, sin, first, rows, tokens, heads, dim, direction);
}

LLAVAKD_CLONES void rotary_rows(const Bfloat* x, Bfloat* out, const float* cos, const float* sin, int64_t first,
                                int64_t rows, int64_t tokens, int64_t heads, int64_t dim, float direction) {
  rotary(x, out, cos, sin, first, rows, tokens, heads, dim, direction);
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

LLAVAKD_CLONES void activation_rows(Activation activation, const float* x, float* out, int64_t count) {
  activate(activation, x, out, count);
}

LLAVAKD_CLONES void activation_rows(Activation activation, const Bfloat* x, Bfloat* out, int64_t count) {
  activate(activation, x, out, count);
}

LLAVAKD_CLONES void activation_rows_backward(Activation activation, const float* x, const float* upstream, float* dx,
                                             int64_t count) {
  activate_backward(activation, x, upstream, dx, count);
}

LLAVAKD_CLONES void activation_rows_backward(Activation activation, const Bfloat* x, const Bfloat* upstream, Bfloat* dx,
                                             int64_t count) {
  activate_backward(activation, x, upstream, dx, count);
}

LLAVAKD_CLONES void glu_rows(Activation activation, const float* x, const float* up, float* out, int64_t count) {
  glu(activation, x, up, out, count);
}

LLAVAKD_CLONES void glu_rows(Activation activation, const Bfloat* x, const Bfloat* up, Bfloat* out, int64_t count) {
  glu(activation, x, up, out, count);
}

LLAVAKD_CLONES void glu_rows_backward(Activation activation, const float* x, const float* up, const float* upstream,
                                      float* dx, float* dup, int64_t count) {
  glu_backward(activation, x, up, upstream, dx, dup, count);
}

LLAVAKD_CLONES void glu_rows_backward(Activation activation, const Bfloat* x, const Bfloat* up, const Bfloat* upstream,
                                      Bfloat* dx, Bfloat* dup, int64_t count) {
  glu_backward(activation, x, up, upstream, dx, dup, count);
}

}  // namespace llavakd
