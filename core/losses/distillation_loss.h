// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/losses/loss_term.h"

namespace llavakd {

/// WᵀW over the first `vocabulary` rows of a head [V, W], in float32 (float64 for a float64 head).
at::Tensor head_gram(const at::Tensor& head_weight, int64_t vocabulary);

/// The values of one sample by the terms' names; a term that does not apply is absent (text-only: no visual terms).
struct SampleTerms {
  std::map<std::string, double, std::less<>> values;
  std::optional<double> operator[](std::string_view term) const {
    const auto found = values.find(term);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
};

struct LossResult {
  /// Scalar: sum over samples of the weighted per-sample terms, divided by `normaliser`. Differentiable.
  at::Tensor total;
  std::vector<SampleTerms> samples;                ///< Raw, unweighted values; empty on the meta device.
  RelationMethod relation = RelationMethod::none;  ///< Of the student's relations; none without.
};

/// All terms of a batch (LLaVA-KD, arXiv 2410.16236, equations 2-6; as the released compute_loss for one sample, and
/// correct for any batch): each term is averaged over its positions, then every sample weighs the same.
/// `sequences` gives labels and segments of each row of `hidden`; a sequence with `skipped` set adds nothing.
/// `normaliser`: the number of samples to divide by (counted over the whole optimizer step when micro-batches are
/// accumulated). The teacher may be null when no term needs it. Different vocabularies: first min(V) logits.
/// Memory stays bounded by chunks of rows; no [T, V] matrix of the whole batch is held unless the head learns
/// and it has less than 512 MiB. The total's backward may run once.
LossResult distillation_loss(const ModelOutput& student, const ModelOutput* teacher,
                             const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser);

}  // namespace llavakd
