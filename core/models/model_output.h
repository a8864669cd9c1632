// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <memory>

namespace llavakd {

class HeadGram;

/// Outputs of a model for a batch: final hidden states and the head that turns them into logits.
struct ModelOutput {
  at::Tensor hidden;       ///< [S, T, W]
  at::Tensor head_weight;  ///< [V, W]
  /// Optional, for a frozen head: head_gram(head_weight, min(V)) [W, W], so that relations of a large teacher
  /// don't need it again at every step.
  at::Tensor head_gram = {};
  at::Tensor head_bias = {};  ///< Optional [V]: the head adds it to the logits (Phi-2).
  /// Optional, for a trained head (core/losses/head_gram.h): WᵀW once per optimizer step, and its gradient
  /// likewise.
  std::shared_ptr<HeadGram> step_gram = {};
};

}  // namespace llavakd
