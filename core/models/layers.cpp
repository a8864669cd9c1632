// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/layers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/kernels/affine.h"
#include "core/kernels/layer_rows.h"

namespace llavakd {

namespace {

/// Half types compute in float32, double stays double.
at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

/// Own loops take contiguous float32 on the CPU.
bool suits_loops(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat && x.device().is_cpu() && x.is_contiguous();
}

/// Calls work(first, rows) on parts of the rows, on several threads where there are enough.
template <typename Work>
void over_rows(int64_t rows, int64_t width, const Work& work) {
  const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, width));
  at::parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) { work(begin, end - begin); });
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    const int64_t width = x.size(-1), rows = x.numel() / width;
    at::Tensor out = at::empty_like(x), scale = at::empty({rows}, x.options());
    const float *from = x.const_data_ptr<float>(), *by = weight.const_data_ptr<float>();
    float *to = out.mutable_data_ptr<float>(), *factor = scale.mutable_data_ptr<float>();
    over_rows(rows, width, [&](int64_t first, int64_t n) {
      rms_norm_rows(from + first * width, by, to + first * width, factor + first, n, width, static_cast<float>(eps));
    });
    context->save_for_backward({x, weight, scale});
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor upstream = gradients[0].contiguous();
    const int64_t width = upstream.size(-1), rows = upstream.numel() / width;
    const float *x = saved[0].const_data_ptr<float>(), *weight = saved[1].const_data_ptr<float>();
    const float *scale = saved[2].const_data_ptr<float>(), *g = upstream.const_data_ptr<float>();
    at::Tensor dx, dw;
    if (context->needs_input_grad(0)) {
      dx = at::empty_like(upstream);
      float* to = dx.mutable_data_ptr<float>();
      over_rows(rows, width, [&](int64_t first, int64_t n) {
        rms_norm_rows_backward(x + first * width, weight, scale + first, g + first * width, to + first * width, n,
                               width);
      });
    }
    if (context->needs_input_grad(1)) {
      dw = at::zeros({width}, upstream.options());
      // One thread: the sum then doesn't depend on how many there are.
      rms_norm_weight_backward(x, scale, g, dw.mutable_data_ptr<float>(), rows, width);
    }
    return {dx, dw, at::Tensor()};
  }
};

at::Tensor rotated(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, float direction) {
  const int64_t tokens = x.size(1), heads = x.size(2), dim = x.size(3);
  at::Tensor out = at::empty_like(x);
  const float *from = x.const_data_ptr<float>(), *c = cos.const_data_ptr<float>(), *s = sin.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  over_rows(x.size(0) * tokens, heads * dim, [&](int64_t first, int64_t n) {
    const int64_t offset = first * heads * dim;
    rotate_rows(from + offset, to + offset, c, s, first, n, tokens, heads, dim, direction);
  });
  return out;
}

/// A rotation's gradient is the rotation back: no activation needs to be saved.
struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return rotated(x, cos, sin, 1);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    return {rotated(gradients[0].contiguous(), saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
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
  return affine(x, parameter(parameters, prefix + ".weight"),
                bias == parameters.end() ? std::optional<at::Tensor>() : bias->second);
}

at::Tensor layer_norm(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x, double eps) {
  return at::layer_norm(x, {x.size(-1)}, parameter(parameters, prefix + ".weight"),
                        parameter(parameters, prefix + ".bias"), eps);
}

at::Tensor activation(const std::string& name, const at::Tensor& x) {
  if (name == "silu") return at::silu(x);
  if (name == "gelu") return at::gelu(x);
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return at::gelu(x, "tanh");
  TORCH_CHECK(name == "quick_gelu", "no activation ", name);
  return x * at::sigmoid(x * 1.702);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return suits_loops(x) && suits_loops(weight) ? RmsNorm::apply(x, weight, eps) : plain_rms_norm(x, weight, eps);
}

at::Tensor rms_norm_plus_one(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return rms_norm(widened(x), widened(weight) + 1, eps).to(x.scalar_type());
}

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor wide = widened(x);
  return (wide * at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps)).to(x.scalar_type()) * weight;
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const bool loops = suits_loops(x) && suits_loops(cos) && suits_loops(sin);
  return loops ? Rotate::apply(x, cos, sin) : plain_rotate(x, cos, sin);
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
