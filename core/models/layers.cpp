// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/layers.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/kernels/layer_functions.h"
#include "core/kernels/linear.h"

namespace llavakd {

namespace {

/// Half types compute in float32, double stays double.
at::Tensor to_fp32(const at::Tensor& x) {
  return x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

/// The activation of that name where the CPU kernels have it; the exact GELU is no sigmoid.
std::optional<Activation> sigmoid_activation(const std::string& name) {
  constexpr float tanh_linear = 1.5957691216F;  // 2 sqrt(2 / π)
  if (name == "silu") return Activation{1, 0};
  if (name == "quick_gelu") return Activation{1.702F, 0};
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation{tanh_linear, 0.044715F * tanh_linear};
  return std::nullopt;
}

/// Whether the result of an operation on them becomes part of a graph.
bool any_requires_grad(const at::Tensor& x, const at::Tensor& y) {
  return at::GradMode::is_enabled() && (x.requires_grad() || y.requires_grad());
}

}  // namespace

const at::Tensor& parameter(const TensorMap& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  TORCH_CHECK(found != parameters.end(), "no parameter ", name);
  return found->second;
}

at::Tensor linear(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x) {
  const auto bias = parameters.find(prefix + ".bias");
  return llavakd::linear(x, parameter(parameters, prefix + ".weight"),
                         bias == parameters.end() ? std::optional<at::Tensor>() : bias->second);
}

at::Tensor layer_norm(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x, double eps) {
  const at::Tensor &weight = parameter(parameters, prefix + ".weight"), &bias = parameter(parameters, prefix + ".bias");
  if (!x.is_meta()) return at::layer_norm(x, {x.size(-1)}, weight, bias, eps);
  // On the meta device LibTorch can't infer this operation's shapes, and only those are needed there.
  const at::Tensor centred = x - x.mean(-1, /*keepdim=*/true);
  return centred * at::rsqrt(centred.square().mean(-1, /*keepdim=*/true) + eps) * weight + bias;
}

at::Tensor activation(const std::string& name, const at::Tensor& x) {
  if (name == "silu") return at::silu(x);
  if (name == "gelu") return at::gelu(x);
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return at::gelu(x, "tanh");
  TORCH_CHECK(name == "quick_gelu", "no activation ", name);
  return x * at::sigmoid(x * 1.702);
}

at::Tensor activation_inplace(const std::string& name, at::Tensor own) {
  const std::optional<Activation> kernel = sigmoid_activation(name);
  if (!kernel || !row_kernels_apply(own)) return activation(name, own);
  if (any_requires_grad(own, own)) return fused_activation(*kernel, own);
  fused_activation_inplace(*kernel, own);
  return own;
}

at::Tensor glu(const std::string& name, const at::Tensor& gate, const at::Tensor& up) {
  const std::optional<Activation> kernel = sigmoid_activation(name);
  const bool use_kernel =
      kernel && row_kernels_apply(gate) && row_kernels_apply(up) && gate.scalar_type() == up.scalar_type();
  return use_kernel ? fused_glu(*kernel, gate, up) : activation(name, gate) * up;
}

at::Tensor residual_add(const at::Tensor& x, at::Tensor own) {
  return any_requires_grad(x, own) || own.scalar_type() != x.scalar_type() ? x + own : own.add_(x);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const bool use_kernel = row_kernels_apply(x) && row_kernels_apply(weight) && x.scalar_type() == weight.scalar_type();
  return use_kernel ? fused_rms_norm(x, weight, eps) : plain_rms_norm(x, weight, eps);
}

at::Tensor rms_norm_plus_one(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return rms_norm(to_fp32(x), to_fp32(weight) + 1, eps).to(x.scalar_type());
}

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor x_fp32 = to_fp32(x);
  return (x_fp32 * at::rsqrt(x_fp32.square().mean(-1, /*keepdim=*/true) + eps)).to(x.scalar_type()) * weight;
}

at::Tensor apply_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const bool use_kernel =
      row_kernels_apply(x) && row_kernels_apply(cos) && row_kernels_apply(sin) && cos.scalar_type() == at::kFloat;
  return use_kernel ? fused_rotary(x, cos, sin) : plain_rotary(x, cos, sin);
}

at::Tensor plain_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const at::Tensor cast = x.to(cos.scalar_type()), c = cos.unsqueeze(1), s = sin.unsqueeze(1);
  const int64_t half = cos.size(-1);
  const at::Tensor a = cast.narrow(-1, 0, half), b = cast.narrow(-1, half, half);
  return at::cat({a * c - b * s, b * c + a * s}, -1).to(x.scalar_type());
}

at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) {
  return x.transpose(1, 2).flatten(-2);
}

}  // namespace llavakd
