// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/linear.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <exception>
#include <new>
#include <vector>

#include "core/kernels/transpose.h"

namespace llavakd {

namespace {

thread_local MatmulBackend float_matmul_backend = MatmulBackend::torch;
thread_local MatmulBackend bfloat_matmul_backend = MatmulBackend::torch;

/// Multiplications below which a call of oneDNN, or a copy, is not worth it: some ten microseconds.
constexpr int64_t least_work = 4'000'000;

/// Whether anything but LibTorch's choice is worth it for a bᵀ.
bool large_cpu_matmul(const at::Tensor& a, const at::Tensor& b) {
  return a.is_cpu() && b.is_cpu() && a.scalar_type() == b.scalar_type() && a.numel() * b.size(0) >= least_work;
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

/// Whether oneDNN multiplies bfloat16 on this machine, which it does from AVX-512 on; found by trying once.
bool onednn_has_bfloat16() {
  static const bool has = [] {
    const at::NoGradGuard no_grad;
    const at::Tensor ones = at::ones({64, 64}, at::kBFloat16);
    try {
      onednn_linear(ones, ones, std::nullopt);
      return true;
    } catch (const std::bad_alloc&) {
      throw;  // that says nothing of the machine, and what is found out here holds for the whole run
    } catch (const std::exception&) {
      return false;
    }
  }();
  return has;
}

/// Whether oneDNN has a fast product for these types and this layout. For a right factor with gaps between its rows, as
/// a part of a matrix's columns is, it falls back to its reference implementation: scalar, hundreds of times slower.
bool onednn_is_fast(const at::Tensor& a, const at::Tensor& b) {
  return b.is_non_overlapping_and_dense() && (a.scalar_type() != at::kBFloat16 || onednn_has_bfloat16());
}

/// The backend that multiplies a bᵀ.
MatmulBackend backend_for(const at::Tensor& a, const at::Tensor& b) {
  return usable_backend(matmul_backend(a.scalar_type()), a, b);
}

/// a bᵀ, added to the target or written there, for a transposed view a: rows of a transposed copy at a time, as oneDNN
/// is slow with a transposed left factor.
void matmul_of_transposed_copies(const at::Tensor& target, const at::Tensor& a, const at::Tensor& b, bool add) {
  constexpr int64_t numbers = 8 << 20;
  const at::Tensor a_transposed = a.t(), right = b.t();
  const int64_t rows = std::max<int64_t>(64, numbers / std::max<int64_t>(1, a.size(1)));
  for (int64_t begin = 0; begin < a.size(0); begin += rows) {
    const int64_t count = std::min(rows, a.size(0) - begin);
    const at::Tensor left = transposed(a_transposed.narrow(1, begin, count));
    at::Tensor to = target.narrow(0, begin, count);
    add ? to.addmm_(left, right) : at::mm_out(to, left, right);
  }
}

bool is_transposed_view(const at::Tensor& a) {
  return a.stride(0) == 1 && a.size(1) > 1;
}

void matmul_into_with(MatmulBackend backend, const at::Tensor& target, const at::Tensor& a, const at::Tensor& b,
                      bool add) {
  const at::NoGradGuard no_grad;
  at::Tensor to = target;
  if (backend == MatmulBackend::transposed && is_transposed_view(a))
    matmul_of_transposed_copies(target, a, b, add);
  else if (backend == MatmulBackend::onednn)
    add ? to.add_(onednn_linear(a, b, std::nullopt)) : to.copy_(onednn_linear(a, b, std::nullopt));
  else
    add ? to.addmm_(a, b.t()) : at::mm_out(to, a, b.t());
}

at::Tensor linear_forward(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return backend_for(x, weight) == MatmulBackend::onednn ? onednn_linear(x, weight, bias) : at::linear(x, weight, bias);
}

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    // Only a trained weight needs x: a frozen model keeps none of its activations here.
    context->save_for_backward({weight.requires_grad() ? x : at::Tensor(), weight});
    context->saved_data["has_bias"] = bias.has_value();
    return linear_forward(x, weight, bias);
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
      dx = matmul_nt(upstream, weight.t()).view(sizes);
    }
    if (context->needs_input_grad(1)) dw = matmul_nt(upstream.t(), x.reshape({-1, x.size(-1)}).t());
    if (context->saved_data["has_bias"].toBool() && context->needs_input_grad(2)) db = upstream.sum(0);
    return {dx, dw, db};
  }
};

}  // namespace

MatmulBackend matmul_backend(at::ScalarType type) {
  if (type == at::kBFloat16) return bfloat_matmul_backend;
  return type == at::kFloat ? float_matmul_backend : MatmulBackend::torch;
}

void set_matmul_backend(at::ScalarType type, MatmulBackend backend) {
  TORCH_CHECK(type == at::kFloat || type == at::kBFloat16, "no choice of products for ", type);
  TORCH_CHECK(type == at::kBFloat16 || backend != MatmulBackend::transposed, "only bfloat16 is transposed");
  (type == at::kFloat ? float_matmul_backend : bfloat_matmul_backend) = backend;
}

MatmulBackend usable_backend(MatmulBackend backend, const at::Tensor& a, const at::Tensor& b) {
  if (!large_cpu_matmul(a, b) || (backend == MatmulBackend::onednn && !onednn_is_fast(a, b)))
    return MatmulBackend::torch;
  return backend;
}

void matmul_nt_into(const at::Tensor& target, const at::Tensor& a, const at::Tensor& b, bool add) {
  matmul_into_with(backend_for(a, b), target, a, b, add);
}

at::Tensor matmul_nt_with(MatmulBackend backend, const at::Tensor& a, const at::Tensor& b) {
  const at::NoGradGuard no_grad;
  backend = usable_backend(backend, a, b);
  if (backend == MatmulBackend::onednn) return onednn_linear(a, b, std::nullopt);
  const at::Tensor out = at::empty({a.size(0), b.size(0)}, a.options().requires_grad(false));
  matmul_into_with(backend, out, a, b, /*add=*/false);
  return out;
}

at::Tensor matmul_nt(const at::Tensor& a, const at::Tensor& b) {
  return matmul_nt_with(matmul_backend(a.scalar_type()), a, b);
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return backend_for(x, weight) == MatmulBackend::torch ? at::linear(x, weight, bias) : Linear::apply(x, weight, bias);
}

}  // namespace llavakd
