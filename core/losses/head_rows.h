// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>

#include "core/losses/distillation_loss.h"

namespace llavakd {

/// The type that losses compute in: float32, or float64 for float64 tensors.
at::ScalarType wide_type(const at::Tensor& tensor);
/// The tensor in that type; itself if it has it.
at::Tensor widened(const at::Tensor& tensor);

/// Cross-entropy and a divergence of rows that share their logits.
struct HeadRowsTask {
  at::Tensor labels;                ///< int64 [rows]; undefined without cross-entropy.
  at::Tensor row_weights;           ///< [rows], float32 or float64: what a row counts in the total.
  at::Tensor teacher_hidden;        ///< [rows, teacher width]; undefined without a divergence.
  at::Tensor teacher_head;          ///< [teacher vocab, teacher width]
  at::Tensor teacher_bias;          ///< [teacher vocab] or undefined
  int64_t vocabulary = 0;           ///< Logits that teacher and student share.
  std::optional<double> ce_weight;  ///< Of the cross-entropy in the total.
  std::optional<Term> mdist;        ///< The divergence with its weight and temperature.
};

struct HeadRowsResult {
  at::Tensor total;  ///< Scalar: Σ over rows of row_weight · (ce_weight · ce + mdist.weight · mdist). Differentiable.
  at::Tensor ce;     ///< [rows], raw values without graph; undefined when not asked for.
  at::Tensor mdist;  ///< [rows], likewise.
};

/// The terms of rows from hidden states and head, in chunks of rows: the logits of a chunk, its values, its derivative
/// by the logits and that by hidden states and head (accumulated in float32) follow each other, so that one chunk of
/// logits is all that is ever held. The total's backward pass only scales what was kept.
/// hidden [rows, width], head_weight [vocab, width], head_bias [vocab] or undefined. `chunk_rows` 0 chooses.
HeadRowsResult head_rows(const at::Tensor& hidden, const at::Tensor& head_weight, const HeadRowsTask& task,
                         int64_t chunk_rows = 0, const at::Tensor& head_bias = {});

}  // namespace llavakd
