// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// Autoregressive cross-entropy of each row (L_reg of LLaVA-KD): -log softmax(logits)[label].
/// logits [rows, V] at the position before the label's, labels int64 [rows] -> [rows], natural log. Differentiable.
at::Tensor cross_entropy_rows(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace llavakd
