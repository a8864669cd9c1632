// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/layers.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace llavakd {

namespace {

/// Half types compute in float32, double stays double.
at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    const at::Tensor wide = widened(x);
    const at::Tensor scale = at::rsqrt((wide * wide).mean(-1, /*keepdim=*/true).add_(eps));
    context->save_for_backward({x, weight, scale});
    return (wide * scale).to(x.scalar_type()) * weight;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor wide = widened(saved[0]), scale = saved[2], upstream = widened(gradients[0]);
    const at::Tensor normed = wide * scale;
    at::Tensor dx, dw;
    if (context->needs_input_grad(0)) {
      // d/dx of x·s with s = (mean(x²) + eps)^-1/2: s (g - n mean(g n)) with n = x s.
      const at::Tensor g = upstream * widened(saved[1]);
      const at::Tensor along = (g * normed).mean(-1, /*keepdim=*/true);
      dx = g.sub(normed * along).mul_(scale).to(saved[0].scalar_type());
    }
    if (context->needs_input_grad(1))
      dw = (upstream * normed).reshape({-1, wide.size(-1)}).sum(0).to(saved[1].scalar_type());
    return {dx, dw, at::Tensor()};
  }
};

}  // namespace

const at::Tensor& parameter(const TensorMap& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  TORCH_CHECK(found != parameters.end(), "no parameter ", name);
  return found->second;
}

at::Tensor linear(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x) {
  const auto bias = parameters.find(prefix + ".bias");
  return at::linear(x, parameter(parameters, prefix + ".weight"),
                    bias == parameters.end() ? std::optional<at::Tensor>() : bias->second);
}

at::Tensor layer_norm(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x, double eps) {
  return at::layer_norm(x, {x.size(-1)}, parameter(parameters, prefix + ".weight"),
                        parameter(parameters, prefix + ".bias"), eps);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return RmsNorm::apply(x, weight, eps);
}

at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) {
  return x.transpose(1, 2).flatten(-2);
}

}  // namespace llavakd
