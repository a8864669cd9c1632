// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/models/model_output.h"
#include "core/text/segments.h"

namespace llavakd {

enum class TermKind { ce, mdist_response, mdist_visual, rdist };
inline constexpr std::array<TermKind, 4> all_terms = {TermKind::ce, TermKind::mdist_response, TermKind::mdist_visual,
                                                      TermKind::rdist};
/// The term's name in JSON, events and legends.
std::string_view name(TermKind kind);
/// The term of that name, or nothing.
std::optional<TermKind> term_named(std::string_view name);

enum class Divergence {
  forward_kl,
  reverse_kl,
  symmetric_kl,
  js_distance,
  tv_distance,
  skewed_forward_kl,
  skewed_reverse_kl,
  jsd
};
/// The divergence's name in JSON: that of the enumerator.
std::string_view name(Divergence divergence);
/// The divergence of that name, or nothing.
std::optional<Divergence> divergence_named(std::string_view name);

/// One weighted term of the loss.
struct Term {
  TermKind kind = TermKind::ce;
  double weight = 1;
  double temperature = 1;                          ///< mdist only: logits are divided by it.
  Divergence divergence = Divergence::forward_kl;  ///< mdist only.
  double beta = 0.5;                               ///< mdist by jsd only: the teacher's share of the mixture, 0 to 1.
  bool temperature_squared = true;                 ///< mdist only: the term is multiplied by the temperature's square.
  bool on_hidden = false;                          ///< rdist only: relations of hidden states instead of logits.
};

/// What a divergence is multiplied by: temperature² or nothing.
inline double temperature_factor(const Term& term) {
  return term.temperature_squared ? term.temperature * term.temperature : 1;
}

/// How relations were computed: from hidden states, or those of logits word by word or through the head's WᵀW.
enum class RelationWay { none, hidden, logits, gram };
/// The way's name in JSON: that of the enumerator.
std::string_view name(RelationWay way);

/// WᵀW over the first `vocabulary` rows of a head [vocab, width], in float32 (float64 for a float64 head).
at::Tensor head_gram(const at::Tensor& head_weight, int64_t vocabulary);

/// The value of each term for one sample; nothing where a term does not apply (text-only: no visual terms).
struct SampleTerms {
  std::array<std::optional<double>, 4> values;  ///< Indexed by TermKind.
  std::optional<double> operator[](TermKind kind) const { return values[static_cast<size_t>(kind)]; }
};

struct LossResult {
  at::Tensor
      total;  ///< Scalar: sum over samples of the weighted per-sample terms, divided by `samples`. Differentiable.
  std::vector<SampleTerms> samples;          ///< Raw, unweighted values; empty on the meta device.
  RelationWay relation = RelationWay::none;  ///< Of the student's rdist; none without.
};

/// All terms of a batch (LLaVA-KD, arXiv 2410.16236, equations 2-6; as the released compute_loss for one sample, and
/// correct for any batch): each term is averaged over its positions, then every sample weighs the same.
/// `sequences` gives labels and segments of each row of `hidden`; a sequence with `skipped` set adds nothing.
/// `normaliser`: the number of samples to divide by (counted over the whole optimizer step when micro-batches are
/// accumulated). The teacher may be null when only `ce` is asked for. Different vocabularies: first min(V) logits.
/// Memory stays bounded by chunks of rows; no [tokens, vocab] matrix of the whole batch is held unless the head learns
/// and it has less than 512 MiB. The total's backward may run once.
LossResult distillation_loss(const ModelOutput& student, const ModelOutput* teacher,
                             const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser);

}  // namespace llavakd
