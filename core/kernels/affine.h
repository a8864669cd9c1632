// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>

namespace llavakd {

/// Which library multiplies float32 matrices on the CPU. LibTorch's is MKL, which takes a slow path on processors that
/// are not Intel's; oneDNN is twice as fast there and as exact (true float32).
enum class ProductRoute { torch, onednn };

/// The process's route; `torch` at first. Other types and devices always go LibTorch's way.
ProductRoute float32_route();
void set_float32_route(ProductRoute route);

/// a bᵀ without a graph: a [m, k], b [n, k], either may be a transposed view -> [m, n].
at::Tensor product(const at::Tensor& a, const at::Tensor& b);

/// x Wᵀ + b: x [..., in], weight [out, in], bias [out] or nothing -> [..., out]. Differentiable.
at::Tensor affine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

}  // namespace llavakd
