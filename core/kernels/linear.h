// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>

namespace llavakd {

/// Which library multiplies matrices of float32 and bfloat16 on the CPU. LibTorch's choice for float32 is MKL, which
/// takes a slow path on processors that are not Intel's: oneDNN is twice as fast there and as exact (true float32). For
/// bfloat16 both end in oneDNN, which halves its rate where the left factor is a transposed view, as in the gradient of
/// a weight: `transposed` is LibTorch's choice except for such a factor, of which it makes a transposed copy first.
/// Small products, for which that costs more than they do, always use LibTorch's choice.
enum class MatmulBackend { torch, onednn, transposed };

/// The calling thread's backend for a type; `torch` at first, and always for other types and devices. Runs on other
/// threads keep theirs. LibTorch runs backward on the thread that asks for it, so a step uses one backend throughout.
MatmulBackend matmul_backend(at::ScalarType type);
void set_matmul_backend(at::ScalarType type, MatmulBackend backend);

/// What multiplies a bᵀ, a [m, k], b [n, k], when `backend` is asked for: LibTorch's choice for small products and for
/// types and layouts that oneDNN doesn't have a fast product for, `backend` otherwise.
MatmulBackend usable_backend(MatmulBackend backend, const at::Tensor& a, const at::Tensor& b);

/// a bᵀ without a graph: a [m, k], b [n, k], either may be a transposed view -> [m, n].
at::Tensor matmul_nt(const at::Tensor& a, const at::Tensor& b);

/// Writes a bᵀ into the existing matrix `target` [m, n], or adds it there.
void matmul_nt_into(const at::Tensor& target, const at::Tensor& a, const at::Tensor& b, bool add = false);

/// matmul_nt() with the given backend for any type, for tests and measurements.
at::Tensor matmul_nt_with(MatmulBackend backend, const at::Tensor& a, const at::Tensor& b);

/// x Wᵀ + b: x [..., in], weight [out, in], bias [out] or nothing -> [..., out]. Differentiable. Callers write
/// `llavakd::linear`, since at::linear takes the same arguments.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

}  // namespace llavakd
