// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>

namespace llavakd {

/// Which library multiplies matrices of float32 and bfloat16 on the CPU. LibTorch's choice for float32 is MKL, which
/// takes a slow path on processors that are not Intel's: oneDNN is twice as fast there and as exact (true float32). For
/// bfloat16 both end in oneDNN, which halves its rate where the left factor is a transposed view, as in the gradient of
/// a weight: `turned` is LibTorch's choice but for such a factor, of which it makes a transposed copy first. Small
/// products, for which that costs more than they do, always go LibTorch's way.
enum class ProductRoute { torch, onednn, turned };

/// The calling thread's route for a type; `torch` at first, and always for other types and devices. Runs on other
/// threads keep theirs. LibTorch goes back on the thread that asks it to, so a step takes one route from end to end.
ProductRoute product_route(at::ScalarType type);
void set_product_route(at::ScalarType type, ProductRoute route);

/// a bᵀ without a graph: a [m, k], b [n, k], either may be a transposed view -> [m, n].
at::Tensor product(const at::Tensor& a, const at::Tensor& b);

/// The same into a matrix [m, n] that is there, or added to it.
void product_into(const at::Tensor& target, const at::Tensor& a, const at::Tensor& b, bool add = false);

/// product() by a route of any type, for tests and measurements.
at::Tensor product_by(ProductRoute route, const at::Tensor& a, const at::Tensor& b);

/// x Wᵀ + b: x [..., in], weight [out, in], bias [out] or nothing -> [..., out]. Differentiable.
at::Tensor affine(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

}  // namespace llavakd
