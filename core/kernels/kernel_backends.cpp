// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/kernel_backends.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "core/base/errors.h"

namespace llavakd {

namespace {

/// A backend must take at most this share of the default's time to be chosen.
constexpr double largest_share = 0.95;

/// Seconds of the fastest of a few calls, after one that warms up.
double fastest_seconds(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  constexpr double limit = 0.1;
  double best = 1e9, spent = 0;
  for (int call = 0; call < 4 && spent < limit; ++call) {
    const auto start = Clock::now();
    work();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    spent += seconds;
    if (call > 0 || spent >= limit) best = std::min(best, seconds);
  }
  return best;
}

AttentionBackend fastest_attention_backend(const KernelShapes& shapes, int64_t tokens, at::ScalarType type) {
  const auto heads = [&](int64_t count) {
    return at::full({1, tokens, count, shapes.head_dim}, 0.1, type).transpose(1, 2).requires_grad_();
  };
  const at::Tensor q = heads(shapes.heads), k = heads(shapes.key_value_heads), v = heads(shapes.key_value_heads);
  // As in a step: the teacher runs forward only, the student backward too.
  const auto seconds = [&](AttentionBackend backend) {
    const double backward = fastest_seconds([&] {
      const at::Tensor out = attention_with(backend, q, k, v, /*causal=*/true);
      torch::autograd::grad({out}, {q, k, v}, {out.detach()});
    });
    const at::NoGradGuard no_grad;
    return backward + fastest_seconds([&] { attention_with(backend, q, k, v, /*causal=*/true); });
  };
  AttentionBackend best = AttentionBackend::sdpa;
  double least = largest_share * seconds(best);
  for (const AttentionBackend backend : {AttentionBackend::blocks_backward, AttentionBackend::blocks})
    if (const double taken = seconds(backend); taken < least) {
      least = taken;
      best = backend;
    }
  return best;
}

/// Forward and both products of backward of a linear layer.
MatmulBackend fastest_matmul_backend(const KernelShapes& shapes, int64_t tokens, at::ScalarType type) {
  const at::Tensor x = at::full({tokens, shapes.hidden}, 0.1, type);
  const at::Tensor up = at::full({shapes.intermediate, shapes.hidden}, 0.1, type);
  const auto seconds = [&](MatmulBackend backend) {
    return fastest_seconds([&] {
      const at::Tensor y = matmul_nt_with(backend, x, up);
      matmul_nt_with(backend, y, up.t());
      matmul_nt_with(backend, y.t(), x.t());
    });
  };
  MatmulBackend best = MatmulBackend::torch;
  double least = largest_share * seconds(best);
  for (const MatmulBackend backend : {MatmulBackend::onednn, MatmulBackend::transposed}) {
    if (backend == MatmulBackend::transposed && type != at::kBFloat16) continue;
    if (const double taken = seconds(backend); taken < least) {
      least = taken;
      best = backend;
    }
  }
  return best;
}

constexpr AttentionBackend attention_backends[] = {AttentionBackend::sdpa, AttentionBackend::blocks,
                                                   AttentionBackend::blocks_backward};

// Names in state.json and run.json of existing runs: they stay as they are.

std::string_view backend_name(AttentionBackend backend) {
  switch (backend) {
    case AttentionBackend::sdpa:
      return "sdpa";
    case AttentionBackend::blocks:
      return "blocks";
    case AttentionBackend::blocks_backward:
      break;
  }
  return "mixed";
}

std::string_view backend_name(MatmulBackend backend) {
  switch (backend) {
    case MatmulBackend::torch:
      return "torch";
    case MatmulBackend::onednn:
      return "onednn";
    case MatmulBackend::transposed:
      break;
  }
  return "turned";
}

}  // namespace

KernelBackends current_backends() {
  return {attention_backend(at::kFloat), attention_backend(at::kBFloat16), matmul_backend(at::kFloat),
          matmul_backend(at::kBFloat16)};
}

void set_backends(const KernelBackends& backends) {
  set_attention_backend(at::kFloat, backends.float32_attention);
  set_attention_backend(at::kBFloat16, backends.bfloat16_attention);
  set_matmul_backend(at::kFloat, backends.float32_matmul);
  set_matmul_backend(at::kBFloat16, backends.bfloat16_matmul);
}

std::string to_string(const KernelBackends& backends) {
  return fmt::format("attention float32={} bfloat16={}, products float32={} bfloat16={}",
                     backend_name(backends.float32_attention), backend_name(backends.bfloat16_attention),
                     backend_name(backends.float32_matmul), backend_name(backends.bfloat16_matmul));
}

KernelBackends backends_from_string(std::string_view text) {
  constexpr MatmulBackend fp32_matmul_backends[] = {MatmulBackend::torch, MatmulBackend::onednn};
  constexpr MatmulBackend bf16_matmul_backends[] = {MatmulBackend::torch, MatmulBackend::onednn,
                                                    MatmulBackend::transposed};
  for (const AttentionBackend fp32_attention : attention_backends)
    for (const AttentionBackend bf16_attention : attention_backends)
      for (const MatmulBackend fp32_matmul : fp32_matmul_backends)
        for (const MatmulBackend bf16_matmul : bf16_matmul_backends) {
          const KernelBackends backends{fp32_attention, bf16_attention, fp32_matmul, bf16_matmul};
          if (to_string(backends) == text) return backends;
        }
  throw UserError(fmt::format("No choice of kernels reads \"{}\"; one is \"{}\".", text.substr(0, 100),
                              to_string(KernelBackends())));
}

KernelBackends fastest_backends(const KernelShapes& shapes) {
  const at::AutoGradMode grad_enabled(true);
  const auto at_most = [&](int64_t most) {
    return std::clamp<int64_t>(shapes.tokens, 1, most);
  };
  KernelBackends backends;
  const auto is_used = [&](at::ScalarType type) {
    return !shapes.type || shapes.type == type;
  };
  if (is_used(at::kFloat)) {
    backends.float32_attention = fastest_attention_backend(shapes, at_most(512), at::kFloat);
    backends.float32_matmul = fastest_matmul_backend(shapes, at_most(256), at::kFloat);
  }
  if (is_used(at::kBFloat16)) {
    backends.bfloat16_attention = fastest_attention_backend(shapes, at_most(512), at::kBFloat16);
    backends.bfloat16_matmul = fastest_matmul_backend(shapes, at_most(256), at::kBFloat16);
  }
  return backends;
}

}  // namespace llavakd
