// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/kernels/layer_rows.h"

namespace llavakd {

// The kernels of layer_rows as differentiable operations, one node of the graph each. The caller asks
// `row_kernels_apply` for every tensor first and uses plain ATen operations otherwise.

/// Whether the CPU kernels take this tensor: contiguous float32 or bfloat16 on the CPU.
bool row_kernels_apply(const at::Tensor& x);

/// x [..., width], weight [width], of one type; saves x and one number a row.
at::Tensor fused_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// x [S, T, heads, dim], cos and sin float32 [T, dim / 2]. A rotation's derivative is the inverse rotation, so no
/// activation is saved.
at::Tensor fused_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// activation(x) · up, of one type and shape; saves the two and recomputes the activation in backward.
at::Tensor fused_glu(Activation activation, const at::Tensor& x, const at::Tensor& up);

/// activation(x); saves x.
at::Tensor fused_activation(Activation activation, const at::Tensor& x);

/// The same numbers in place, without a derivative.
void fused_activation_inplace(Activation activation, const at::Tensor& x);

}  // namespace llavakd
