// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/layer_functions.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/kernels/denormals.h"
#include "core/kernels/row_data.h"

namespace llavakd {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Calls work(first, rows) on parts of the rows, on several threads if there are enough rows.
template <typename Work>
void for_rows(int64_t rows, int64_t width, const Work& work) {
  const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, width));
  at::parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
    const FlushDenormals flush;
    work(begin, end - begin);
  });
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, double eps) {
    const int64_t width = x.size(-1), rows = x.numel() / width;
    at::Tensor out = at::empty_like(x), scale = at::empty({rows}, x.options().dtype(at::kFloat));
    with_row_type(x, [&](auto type) {
      using Type = decltype(type);
      const Type *from = row_data<Type>(x), *by = row_data<Type>(weight);
      Type* to = mutable_row_data<Type>(out);
      float* factor = scale.mutable_data_ptr<float>();
      for_rows(rows, width, [&](int64_t first, int64_t n) {
        rms_norm_rows(from + first * width, by, to + first * width, factor + first, n, width, static_cast<float>(eps));
      });
    });
    context->save_for_backward({x, weight, scale});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor upstream = gradients[0].contiguous();
    const int64_t width = upstream.size(-1), rows = upstream.numel() / width;
    at::Tensor dx, dw;
    with_row_type(upstream, [&](auto type) {
      using Type = decltype(type);
      const Type *x = row_data<Type>(saved[0]), *weight = row_data<Type>(saved[1]), *g = row_data<Type>(upstream);
      const float* scale = saved[2].const_data_ptr<float>();
      if (context->needs_input_grad(0)) {
        dx = at::empty_like(upstream);
        Type* to = mutable_row_data<Type>(dx);
        for_rows(rows, width, [&](int64_t first, int64_t n) {
          rms_norm_rows_backward(x + first * width, weight, scale + first, g + first * width, to + first * width, n,
                                 width);
        });
      }
      if (context->needs_input_grad(1)) {
        // One thread: the sum then doesn't depend on how many there are.
        const at::Tensor sum = at::zeros({width}, upstream.options().dtype(at::kFloat));
        rms_norm_weight_backward(x, scale, g, sum.mutable_data_ptr<float>(), rows, width);
        dw = sum.to(upstream.scalar_type());
      }
    });
    return {dx, dw, at::Tensor()};
  }
};

at::Tensor rotary_forward(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, float direction) {
  const int64_t tokens = x.size(1), heads = x.size(2), dim = x.size(3);
  const float *c = cos.const_data_ptr<float>(), *s = sin.const_data_ptr<float>();
  at::Tensor out = at::empty_like(x);
  with_row_type(x, [&](auto type) {
    using Type = decltype(type);
    const Type* from = row_data<Type>(x);
    Type* to = mutable_row_data<Type>(out);
    for_rows(x.size(0) * tokens, heads * dim, [&](int64_t first, int64_t n) {
      const int64_t offset = first * heads * dim;
      rotary_rows(from + offset, to + offset, c, s, first, n, tokens, heads, dim, direction);
    });
  });
  return out;
}

struct Rotary : torch::autograd::Function<Rotary> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return rotary_forward(x, cos, sin, 1);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    return {rotary_forward(gradients[0].contiguous(), saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
  }
};

void save_activation(AutogradContext* context, Activation activation) {
  context->saved_data["linear"] = static_cast<double>(activation.linear);
  context->saved_data["cubic"] = static_cast<double>(activation.cubic);
}

Activation saved_activation(AutogradContext* context) {
  return {static_cast<float>(context->saved_data["linear"].toDouble()),
          static_cast<float>(context->saved_data["cubic"].toDouble())};
}

struct ActivationFunction : torch::autograd::Function<ActivationFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, Activation activation) {
    const at::Tensor out = at::empty_like(x);
    with_row_type(x, [&](auto type) {
      using Type = decltype(type);
      const Type* from = row_data<Type>(x);
      Type* to = mutable_row_data<Type>(out);
      for_rows(x.numel(), 1,
               [&](int64_t first, int64_t n) { activation_rows(activation, from + first, to + first, n); });
    });
    context->save_for_backward({x});
    save_activation(context, activation);
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor x = context->get_saved_variables()[0], upstream = gradients[0].contiguous();
    const at::Tensor dx = at::empty_like(x);
    const Activation activation = saved_activation(context);
    with_row_type(x, [&](auto type) {
      using Type = decltype(type);
      const Type *from = row_data<Type>(x), *g = row_data<Type>(upstream);
      Type* to = mutable_row_data<Type>(dx);
      for_rows(x.numel(), 1, [&](int64_t first, int64_t n) {
        activation_rows_backward(activation, from + first, g + first, to + first, n);
      });
    });
    return {dx, at::Tensor()};
  }
};

struct GluFunction : torch::autograd::Function<GluFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& up,
                            Activation activation) {
    const at::Tensor out = at::empty_like(x);
    with_row_type(x, [&](auto type) {
      using Type = decltype(type);
      const Type *from = row_data<Type>(x), *by = row_data<Type>(up);
      Type* to = mutable_row_data<Type>(out);
      for_rows(x.numel(), 1,
               [&](int64_t first, int64_t n) { glu_rows(activation, from + first, by + first, to + first, n); });
    });
    context->save_for_backward({x, up});
    save_activation(context, activation);
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Activation activation = saved_activation(context);
    const at::Tensor upstream = gradients[0].contiguous(), dx = at::empty_like(saved[0]),
                     dup = at::empty_like(saved[1]);
    with_row_type(upstream, [&](auto type) {
      using Type = decltype(type);
      const Type *x = row_data<Type>(saved[0]), *up = row_data<Type>(saved[1]), *g = row_data<Type>(upstream);
      Type *to_x = mutable_row_data<Type>(dx), *to_up = mutable_row_data<Type>(dup);
      for_rows(upstream.numel(), 1, [&](int64_t first, int64_t n) {
        glu_rows_backward(activation, x + first, up + first, g + first, to_x + first, to_up + first, n);
      });
    });
    return {dx, dup, at::Tensor()};
  }
};

}  // namespace

bool row_kernels_apply(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.is_contiguous();
}

at::Tensor fused_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return RmsNorm::apply(x, weight, eps);
}

at::Tensor fused_rotary(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  return Rotary::apply(x, cos, sin);
}

at::Tensor fused_glu(Activation activation, const at::Tensor& x, const at::Tensor& up) {
  return GluFunction::apply(x, up, activation);
}

at::Tensor fused_activation(Activation activation, const at::Tensor& x) {
  return ActivationFunction::apply(x, activation);
}

void fused_activation_inplace(Activation activation, const at::Tensor& x) {
  with_row_type(x, [&](auto type) {
    auto* numbers = mutable_row_data<decltype(type)>(x);
    for_rows(x.numel(), 1,
             [&](int64_t first, int64_t n) { activation_rows(activation, numbers + first, numbers + first, n); });
  });
}

}  // namespace llavakd
