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
at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

/// The gate of that name where the loops know it; the exact GELU is no sigmoid.
std::optional<Gate> gate_of(const std::string& name) {
  constexpr float tanh_linear = 1.5957691216F;  // 2 sqrt(2 / π)
  if (name == "silu") return Gate{1, 0};
  if (name == "quick_gelu") return Gate{1.702F, 0};
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Gate{tanh_linear, 0.044715F * tanh_linear};
  return std::nullopt;
}

/// Whether the result of an operation on them joins a graph.
bool in_graph(const at::Tensor& x, const at::Tensor& y) {
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
  // LibTorch can't tell this operation's shapes without numbers; only those are asked for there.
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

at::Tensor activation_of(const std::string& name, at::Tensor own) {
  const std::optional<Gate> gate = gate_of(name);
  if (!gate || !suits_rows(own)) return activation(name, own);
  if (in_graph(own, own)) return fused_gate(*gate, own);
  gate_in_place(*gate, own);
  return own;
}

at::Tensor gated(const std::string& name, const at::Tensor& gate, const at::Tensor& up) {
  const std::optional<Gate> kind = gate_of(name);
  const bool loops = kind && suits_rows(gate) && suits_rows(up) && gate.scalar_type() == up.scalar_type();
  return loops ? fused_gated(*kind, gate, up) : activation(name, gate) * up;
}

at::Tensor plus(const at::Tensor& x, at::Tensor own) {
  return in_graph(x, own) || own.scalar_type() != x.scalar_type() ? x + own : own.add_(x);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const bool loops = suits_rows(x) && suits_rows(weight) && x.scalar_type() == weight.scalar_type();
  return loops ? fused_rms_norm(x, weight, eps) : plain_rms_norm(x, weight, eps);
}

at::Tensor rms_norm_plus_one(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return rms_norm(widened(x), widened(weight) + 1, eps).to(x.scalar_type());
}

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor wide = widened(x);
  return (wide * at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps)).to(x.scalar_type()) * weight;
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const bool loops = suits_rows(x) && suits_rows(cos) && suits_rows(sin) && cos.scalar_type() == at::kFloat;
  return loops ? fused_rotate(x, cos, sin) : plain_rotate(x, cos, sin);
}

at::Tensor plain_rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const at::Tensor wide = x.to(cos.scalar_type()), c = cos.unsqueeze(1), s = sin.unsqueeze(1);
  const int64_t half = cos.size(-1);
  const at::Tensor a = wide.narrow(-1, 0, half), b = wide.narrow(-1, half, half);
  return at::cat({a * c - b * s, b * c + a * s}, -1).to(x.scalar_type());
}

at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) {
  return x.transpose(1, 2).flatten(-2);
}

}  // namespace llavakd
