// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

// Loops over rows of float32 on the CPU, for what LibTorch does in many passes or in runs of a few numbers. Each has a
// plain ATen form beside it in layers.cpp for other types and devices, and is tested against that.

/// Rotary positions (arXiv 2104.09864, halves paired as Hugging Face does): x and out [rows, heads, dim], cos and sin
/// [tokens, dim / 2]; row r stands at token (first + r) mod tokens. direction -1 turns back.
void rotate_rows(const float* x, float* out, const float* cos, const float* sin, int64_t first, int64_t rows,
                 int64_t tokens, int64_t heads, int64_t dim, float direction);

/// out = x · scale · weight with scale = 1 / sqrt(mean(x²) + eps), kept for the way back. x, out [rows, width].
void rms_norm_rows(const float* x, const float* weight, float* out, float* scale, int64_t rows, int64_t width,
                   float eps);

/// The derivative by x: with n = x scale and g = upstream · weight, scale (g - n mean(g n)).
void rms_norm_rows_backward(const float* x, const float* weight, const float* scale, const float* upstream, float* dx,
                            int64_t rows, int64_t width);

/// Adds the derivative by the weight, Σ over rows of upstream · x · scale, to dw [width].
void rms_norm_weight_backward(const float* x, const float* scale, const float* upstream, float* dw, int64_t rows,
                              int64_t width);

}  // namespace llavakd
