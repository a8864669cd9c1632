// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/affine.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <atomic>
#include <vector>

namespace llavakd {

namespace {

std::atomic<ProductRoute> float_route = ProductRoute::torch;
std::atomic<ProductRoute> bfloat_route = ProductRoute::torch;

/// Multiplications below which a call of oneDNN, some ten microseconds, is not worth it.
constexpr int64_t least_work = 4'000'000;

bool takes_onednn(const at::Tensor& a, const at::Tensor& b) {
  return a.is_cpu() && b.is_cpu() && a.scalar_type() == b.scalar_type() &&
         product_route(a.scalar_type()) == ProductRoute::onednn && a.numel() * b.size(0) >= least_work;
}

// oneDNN's own symbols are not exported by LibTorch; this operation is, and it has no derivative of its own.
at::Tensor onednn_linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  using Activations = c10::List<std::optional<at::Scalar>>;
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                               Activations, std::optional<std::string_view>);
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Signature>();
  return operation.call(x, weight, bias, "none", Activations(), "");
}

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    // Only a weight that learns needs x: a frozen model keeps none of its activations here.
    context->save_for_backward({weight.requires_grad() ? x : at::Tensor(), weight});
    context->saved_data["has_bias"] = bias.has_value();
    return onednn_linear(x, weight, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const at::Tensor upstream = gradients[0].reshape({-1, weight.size(0)});
    at::Tensor dx, dw, db;
    if (context->needs_input_grad(0)) {
      std::vector<int64_t> sizes = gradients[0].sizes().vec();
      sizes.back() = weight.size(1);
      dx = product(upstream, weight.t()).view(sizes);
    }
    if (context->needs_input_grad(1)) dw = product(upstream.t(), x.reshape({-1, x.size(-1)}).t());
    if (context->saved_data["has_bias"].toBool() && context->needs_input_grad(2)) db = upstream.sum(0);
    return {dx, dw, db};
  }
};

}  // namespace

ProductRoute product_route(at::ScalarType type) {
  if (type == at::kBFloat16) return bfloat_route;
  return type == at::kFloat ? float_route.load() : ProductRoute::torch;
}

void set_product_route(at::ScalarType type, ProductRoute route) {
  TORCH_CHECK(type == at::kFloat || type == at::kBFloat16, "no route of products for ", type);
  (type == at::kFloat ? float_route : bfloat_route) = route;
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  const at::NoGradGuard no_grad;
  return takes_onednn(a, b) ? onednn_linear(a, b, std::nullopt) : at::mm(a, b.t());
}

at::Tensor affine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return takes_onednn(x, weight) ? Linear::apply(x, weight, bias) : at::linear(x, weight, bias);
}

}  // namespace llavakd
