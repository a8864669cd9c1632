// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <vector>

namespace llavakd {

/// A part of a model: one tensor in, one out, no randomness, the same result at every call.
using LayerFunction = std::function<at::Tensor(const at::Tensor&)>;

/// segment(x) whose activations are not kept: backward recomputes them from x (Chen et al., arXiv 1604.06174).
/// Results and gradients equal those without to the last bit. `parameters` are the tensors with a gradient that the
/// segment reads: they become inputs of the graph's node, so that gradients asked for by name and hooks work. The
/// segment must own whatever it reads, as it lives as long as the graph does.
at::Tensor recomputed(LayerFunction segment, const at::Tensor& x, const std::vector<at::Tensor>& parameters);

}  // namespace llavakd
