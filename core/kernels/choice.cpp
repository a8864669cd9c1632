// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/choice.h"

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

/// What a way must win to be taken before the plain one.
constexpr double margin = 0.95;

/// Seconds of the fastest of a few calls, after one that warms up.
double seconds_of(const std::function<void()>& work) {
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

AttentionRoute faster_attention(const KernelShapes& shapes, int64_t tokens, at::ScalarType type) {
  const auto heads = [&](int64_t count) {
    return at::full({1, tokens, count, shapes.head_dim}, 0.1, type).transpose(1, 2).requires_grad_();
  };
  const at::Tensor q = heads(shapes.heads), k = heads(shapes.key_value_heads), v = heads(shapes.key_value_heads);
  // As a step has it: a teacher goes forward only, a student back too.
  const auto seconds = [&](AttentionRoute route) {
    const double back = seconds_of([&] {
      const at::Tensor out = attention_by(route, q, k, v, /*causal=*/true);
      torch::autograd::grad({out}, {q, k, v}, {out.detach()});
    });
    const at::NoGradGuard no_grad;
    return back + seconds_of([&] { attention_by(route, q, k, v, /*causal=*/true); });
  };
  AttentionRoute best = AttentionRoute::sdpa;
  double least = margin * seconds(best);
  for (const AttentionRoute route : {AttentionRoute::mixed, AttentionRoute::blocks})
    if (const double taken = seconds(route); taken < least) {
      least = taken;
      best = route;
    }
  return best;
}

/// Forward and both ways back of a linear layer.
ProductRoute faster_products(const KernelShapes& shapes, int64_t tokens, at::ScalarType type) {
  const at::Tensor x = at::full({tokens, shapes.hidden}, 0.1, type);
  const at::Tensor up = at::full({shapes.intermediate, shapes.hidden}, 0.1, type);
  const auto seconds = [&](ProductRoute route) {
    return seconds_of([&] {
      const at::Tensor y = product_by(route, x, up);
      product_by(route, y, up.t());
      product_by(route, y.t(), x.t());
    });
  };
  ProductRoute best = ProductRoute::torch;
  double least = margin * seconds(best);
  for (const ProductRoute route : {ProductRoute::onednn, ProductRoute::turned}) {
    if (route == ProductRoute::turned && type != at::kBFloat16) continue;
    if (const double taken = seconds(route); taken < least) {
      least = taken;
      best = route;
    }
  }
  return best;
}

constexpr AttentionRoute attention_routes[] = {AttentionRoute::sdpa, AttentionRoute::blocks, AttentionRoute::mixed};

std::string_view name_of(AttentionRoute route) {
  switch (route) {
    case AttentionRoute::sdpa:
      return "sdpa";
    case AttentionRoute::blocks:
      return "blocks";
    case AttentionRoute::mixed:
      break;
  }
  return "mixed";
}

std::string_view name_of(ProductRoute route) {
  switch (route) {
    case ProductRoute::torch:
      return "torch";
    case ProductRoute::onednn:
      return "onednn";
    case ProductRoute::turned:
      break;
  }
  return "turned";
}

}  // namespace

KernelChoice current_kernels() {
  return {attention_route(at::kFloat), attention_route(at::kBFloat16), product_route(at::kFloat),
          product_route(at::kBFloat16)};
}

void set_kernels(const KernelChoice& choice) {
  set_attention_route(at::kFloat, choice.float32_attention);
  set_attention_route(at::kBFloat16, choice.bfloat16_attention);
  set_product_route(at::kFloat, choice.float32_products);
  set_product_route(at::kBFloat16, choice.bfloat16_products);
}

std::string to_string(const KernelChoice& choice) {
  return fmt::format("attention float32={} bfloat16={}, products float32={} bfloat16={}",
                     name_of(choice.float32_attention), name_of(choice.bfloat16_attention),
                     name_of(choice.float32_products), name_of(choice.bfloat16_products));
}

KernelChoice kernels_from_string(std::string_view text) {
  constexpr ProductRoute wide_routes[] = {ProductRoute::torch, ProductRoute::onednn};
  constexpr ProductRoute half_routes[] = {ProductRoute::torch, ProductRoute::onednn, ProductRoute::turned};
  for (const AttentionRoute wide : attention_routes)
    for (const AttentionRoute half : attention_routes)
      for (const ProductRoute wide_products : wide_routes)
        for (const ProductRoute half_products : half_routes) {
          const KernelChoice choice{wide, half, wide_products, half_products};
          if (to_string(choice) == text) return choice;
        }
  throw UserError(
      fmt::format("No choice of kernels reads \"{}\"; one is \"{}\".", text.substr(0, 100), to_string(KernelChoice())));
}

KernelChoice measure_kernels(const KernelShapes& shapes) {
  const at::AutoGradMode with_graph(true);
  const auto cut = [&](int64_t most) {
    return std::clamp<int64_t>(shapes.tokens, 1, most);
  };
  KernelChoice choice;
  const auto used = [&](at::ScalarType type) {
    return !shapes.type || shapes.type == type;
  };
  if (used(at::kFloat)) {
    choice.float32_attention = faster_attention(shapes, cut(512), at::kFloat);
    choice.float32_products = faster_products(shapes, cut(256), at::kFloat);
  }
  if (used(at::kBFloat16)) {
    choice.bfloat16_attention = faster_attention(shapes, cut(512), at::kBFloat16);
    choice.bfloat16_products = faster_products(shapes, cut(256), at::kBFloat16);
  }
  return choice;
}

}  // namespace llavakd
