// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/models/tensor_map.h"

namespace llavakd {

/// The parameter of that name; a missing one is a programmer's mistake, as the model's constructor has checked them
/// all.
const at::Tensor& parameter(const TensorMap& parameters, const std::string& name);

/// x Wᵀ + b with `<prefix>.weight` and, where the file has it, `<prefix>.bias`.
at::Tensor linear(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x);

/// LayerNorm over the last dimension with `<prefix>.weight` and `<prefix>.bias`.
at::Tensor layer_norm(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x, double eps);

/// x / sqrt(mean(x²) + eps) · weight over the last dimension (Zhang & Sennrich 2019), the statistics in float32 for
/// half types. One node of the graph, which saves x and one number a row.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// RMSNorm with the weight 1 + `weight`, as Gemma stores it; for half types that sum is float32 too.
at::Tensor rms_norm_plus_one(const at::Tensor& x, const at::Tensor& weight, double eps);

/// Rotary positions (RoPE, arXiv 2104.09864): rotates each pair (a, b) of the halves of a head by its position's angle,
/// (a cos - b sin, b cos + a sin), as Hugging Face pairs them. x [S, T, heads, dim], cos and sin [T, dim / 2]; computes
/// in their type.
at::Tensor apply_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// The activation that a config calls silu, gelu (erf), gelu_new or gelu_pytorch_tanh (both the tanh form), or
/// quick_gelu (x σ(1.702 x)).
at::Tensor activation(const std::string& name, const at::Tensor& x);

/// activation() of a tensor that nobody else holds, on the CPU in float32 for half types; in place, with the same bits,
/// unless a graph needs its old numbers.
at::Tensor activation_inplace(const std::string& name, at::Tensor own);

/// activation(gate) · up (gated linear units, arXiv 2002.05202). On the CPU one node of the graph, which saves the two
/// and computes in float32; the exact GELU uses ATen operations.
at::Tensor glu(const std::string& name, const at::Tensor& gate, const at::Tensor& up);

/// x + own, of one shape; the sum is written into `own`, which nobody else holds, unless a graph needs its old numbers.
at::Tensor residual_add(const at::Tensor& x, at::Tensor own);

/// rms_norm() and apply_rotary() on plain ATen operations, for any type and device: the reference of the CPU kernels.
at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
at::Tensor plain_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// [S, T, heads · dim] -> [S, heads, T, dim].
at::Tensor split_heads(const at::Tensor& x, int64_t heads);
/// [S, heads, T, dim] -> [S, T, heads · dim].
at::Tensor merge_heads(const at::Tensor& x);

}  // namespace llavakd
