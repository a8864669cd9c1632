// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "core/losses/loss_term.h"

namespace llavakd {

/// A run of rows with the same terms.
struct FusedPart {
  int64_t rows = 0;
  std::optional<double> ce_weight;  ///< Of the cross-entropy in the total.
  std::optional<Term> divergence;   ///< With its weight and temperature.
};

/// Cross-entropy and divergences of rows that share their logits.
struct FusedTask {
  std::vector<FusedPart> parts;  ///< One after the other: all rows.
  at::Tensor labels;             ///< int64 [rows], below 0: none; undefined when no part has cross-entropy.
  at::Tensor row_weights;        ///< [rows], float32 or float64: what a row counts in the total.
  at::Tensor teacher_hidden;     ///< [rows, teacher's W]; undefined when no part has a divergence.
  at::Tensor teacher_head;       ///< [teacher's V, W]
  at::Tensor teacher_bias;       ///< [teacher's V] or undefined
  int64_t vocabulary = 0;        ///< Logits that teacher and student share.
};

struct FusedResult {
  at::Tensor total;  ///< Scalar: Σ over rows of row_weight · (ce_weight · ce + weight · divergence). Differentiable.
  at::Tensor ce;     ///< [rows], raw values without graph, 0 where not asked for; float32 or float64.
  at::Tensor divergence;  ///< [rows], likewise.
};

/// How rows are run.
struct FusedOptions {
  int64_t chunk_rows = 0;        ///< Rows of logits at a time; 0 chooses.
  bool plain = false;            ///< LibTorch's operations although the own loops would do.
  int64_t kept_bytes = 1 << 29;  ///< A learning head: logits whose derivatives are kept for one product.
};

/// The terms of rows from hidden states and head, in chunks of rows: the logits of a chunk, its values, its derivative
/// by the logits and that by hidden states and head follow each other, so that no more logits are held than a chunk,
/// or than `kept_bytes` when the head learns. The total's backward pass only scales what was kept, and may run once.
/// hidden [rows, W], head_weight [V, W], head_bias [V] or undefined. On the CPU, bfloat16 and float32
/// take the loops of core/kernels/logit_rows.h; all else takes LibTorch's operations.
FusedResult fused_lm_head_loss(const at::Tensor& hidden, const at::Tensor& head_weight, const FusedTask& task,
                               const at::Tensor& head_bias = {}, const FusedOptions& options = {});

}  // namespace llavakd
