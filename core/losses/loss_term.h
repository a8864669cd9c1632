// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string_view>
#include <vector>

#include "core/models/model_output.h"
#include "core/project/term_catalog.h"
#include "core/text/segments.h"

namespace llavakd {

struct Divergence;
struct LossTerm;

/// The divergence of that name (divergences.h), or null.
const Divergence* divergence_named(std::string_view name);
/// The term of that name, or null.
const LossTerm* term_named(std::string_view name);

/// One weighted term of a stage's loss, with all parameters that any term has.
struct Term {
  const LossTerm* kind = nullptr;  ///< Must be set.
  double weight = 1;
  double temperature = 1;  ///< Divergences only: logits are divided by it.
  const Divergence* divergence = divergence_named("forward_kl");
  double beta = 0.5;                ///< Divergences that have it: the teacher's share of the mixture, 0 to 1.
  bool temperature_squared = true;  ///< Divergences only: the term is multiplied by the temperature's square.
  bool on_hidden = false;           ///< Relations only: of hidden states instead of logits.
};

/// What a divergence is multiplied by: temperature² or nothing.
inline double temperature_factor(const Term& term) {
  return term.temperature_squared ? term.temperature * term.temperature : 1;
}

/// How relations were computed: from hidden states, or those of logits block by block or through the head's WᵀW.
enum class RelationMethod { none, hidden, logits, gram };
/// The method's name in JSON: that of the enumerator.
std::string_view name(RelationMethod method);

/// What a term computes of each row of logits. Rows of all such terms meet the head together.
enum class RowLoss { none, cross_entropy, divergence };

/// Rows of images of equal size, and the model whose head they belong to.
struct ImageOutputs {
  at::Tensor hidden;         ///< [images, tokens of each, W]
  const ModelOutput& model;  ///< Its `hidden` is not to be read.
};

struct ImageLoss {
  at::Tensor values;  ///< [images], differentiable in the student's hidden states and head.
  RelationMethod relation = RelationMethod::none;  ///< How it was computed, where there is a choice.
};

/// The value of a term for each image. `teacher` is null without one and is to be read without a graph; `vocabulary`:
/// the logits that both models have.
using ImageLossFunction = ImageLoss (*)(const ImageOutputs& student, const ImageOutputs* teacher, int64_t vocabulary,
                                        const Term& term);

struct ReferenceOutputs;
/// The same term on whole matrices, as its equation says it: a differentiable scalar for one sample, undefined where
/// the term does not apply (reference.h).
using ReferenceFunction = at::Tensor (*)(const ReferenceOutputs& outputs, const Sequence& sequence, const Term& term);

/// How a term is computed: what terms/NAME.cpp gives. It has a per-row loss or a per-image function. What else is known
/// of it is its TermInfo.
struct LossTerm {
  std::string_view name;  ///< That of its file and of its TermInfo.
  RowLoss per_row = RowLoss::none;
  ImageLossFunction per_image = nullptr;
  /// Whether per_image reads WᵀW of the heads, so that it is worth keeping; null: never.
  bool (*reads_head_gram)(const Term& term) = nullptr;
  ReferenceFunction reference = nullptr;
  const TermInfo* info = nullptr;  ///< Filled in by loss_terms().
};

/// All terms in the order of the catalog. Throws std::logic_error when a file of terms/ has no entry there.
const std::vector<LossTerm>& loss_terms();

/// What the files of terms/ give, in the order of their names. CMake writes its source.
std::vector<LossTerm> terms_of_files();

/// Whether any of the terms reads WᵀW of the heads.
bool read_head_gram(const std::vector<Term>& terms);

}  // namespace llavakd
