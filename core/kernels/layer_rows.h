// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/kernels/bfloat.h"

namespace llavakd {

// CPU kernels over rows, for what LibTorch does in many passes or in runs of a few numbers, for float32 and bfloat16;
// all of them compute in float32. Each has a plain ATen form for other types and devices, and is tested against that.

/// Rotary positions (arXiv 2104.09864, halves paired as Hugging Face does): x and out [rows, heads, dim], cos and sin
/// [tokens, dim / 2]; row r has the position (first + r) mod tokens. direction -1 is the inverse rotation.
void rotary_rows(const float* x, float* out, const float* cos, const float* sin, int64_t first, int64_t rows,
                 int64_t tokens, int64_t heads, int64_t dim, float direction);
void rotary_rows(const Bfloat* x, Bfloat* out, const float* cos, const float* sin, int64_t first, int64_t rows,
                 int64_t tokens, int64_t heads, int64_t dim, float direction);

/// out = x · scale · weight with scale = 1 / sqrt(mean(x²) + eps), kept for backward. x, out [rows, width]. A half
/// type rounds x · scale too, as the published models do.
void rms_norm_rows(const float* x, const float* weight, float* out, float* scale, int64_t rows, int64_t width,
                   float eps);
void rms_norm_rows(const Bfloat* x, const Bfloat* weight, Bfloat* out, float* scale, int64_t rows, int64_t width,
                   float eps);

/// The derivative by x: with n = x scale and g = upstream · weight, scale (g - n mean(g n)).
void rms_norm_rows_backward(const float* x, const float* weight, const float* scale, const float* upstream, float* dx,
                            int64_t rows, int64_t width);
void rms_norm_rows_backward(const Bfloat* x, const Bfloat* weight, const float* scale, const Bfloat* upstream,
                            Bfloat* dx, int64_t rows, int64_t width);

/// Adds the derivative by the weight, Σ over rows of upstream · x · scale, to dw [width].
void rms_norm_weight_backward(const float* x, const float* scale, const float* upstream, float* dw, int64_t rows,
                              int64_t width);
void rms_norm_weight_backward(const Bfloat* x, const float* scale, const Bfloat* upstream, float* dw, int64_t rows,
                              int64_t width);

/// x σ(linear x + cubic x³): SiLU is (1, 0), quick GELU (1.702, 0), and the tanh form of GELU is exactly that with
/// linear = 2 sqrt(2 / π) and cubic = 0.044715 linear, as tanh(u) = 2 σ(2u) - 1.
struct Activation {
  float linear = 1;
  float cubic = 0;
};

/// out = activation(x) on `count` numbers; x and out may be the same.
void activation_rows(Activation activation, const float* x, float* out, int64_t count);
void activation_rows(Activation activation, const Bfloat* x, Bfloat* out, int64_t count);

/// dx = upstream · activation'(x).
void activation_rows_backward(Activation activation, const float* x, const float* upstream, float* dx, int64_t count);
void activation_rows_backward(Activation activation, const Bfloat* x, const Bfloat* upstream, Bfloat* dx,
                              int64_t count);

/// out = activation(x) · up on `count` numbers (Shazeer, arXiv 2002.05202); out may be x or up.
void glu_rows(Activation activation, const float* x, const float* up, float* out, int64_t count);
void glu_rows(Activation activation, const Bfloat* x, const Bfloat* up, Bfloat* out, int64_t count);

/// dx = upstream · up · activation'(x), dup = upstream · activation(x).
void glu_rows_backward(Activation activation, const float* x, const float* up, const float* upstream, float* dx,
                       float* dup, int64_t count);
void glu_rows_backward(Activation activation, const Bfloat* x, const Bfloat* up, const Bfloat* upstream, Bfloat* dx,
                       Bfloat* dup, int64_t count);

}  // namespace llavakd
