// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <memory>

namespace llavakd {

class HeadGram;

/// What a model says of a batch: final hidden rows and the head that turns them into logits.
struct ModelOutput {
  at::Tensor hidden;       ///< [samples, tokens, width]
  at::Tensor head_weight;  ///< [vocab, width]
  /// Optional, for a head that never changes: head_gram(head_weight, min(V)) [width, width], so that rdist of a large
  /// teacher doesn't compute it again at every step.
  at::Tensor head_gram = {};
  at::Tensor head_bias = {};  ///< Optional [vocab]: the head adds it to the logits (Phi-2).
  /// Optional, for a head that learns (core/losses/head_gram.h): WᵀW once per optimizer step, and its gradient
  /// likewise.
  std::shared_ptr<HeadGram> step_gram = {};
};

}  // namespace llavakd
