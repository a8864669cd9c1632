// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/reference.h"

#include <algorithm>

#include "core/losses/cross_entropy.h"
#include "core/losses/divergences.h"
#include "core/losses/relation.h"

namespace llavakd {
namespace {

at::Tensor logits_of(const ModelOutput& model, const at::Tensor& hidden) {
  const at::Tensor logits = at::linear(hidden, model.head_weight);
  return model.head_bias.defined() ? logits + model.head_bias : logits;
}

/// Row i - 1 predicts the label at position i.
at::Tensor response_rows(const Sequence& sequence) {
  std::vector<int64_t> positions;
  for (size_t i = 1; i < sequence.labels.size(); ++i)
    if (sequence.labels[i] != ignore_index) positions.push_back(static_cast<int64_t>(i) - 1);
  return at::tensor(positions, at::kLong);
}

at::Tensor visual_rows(const Sequence& sequence) {
  std::vector<int64_t> positions;
  for (const Segment& image : image_spans(sequence))
    for (int64_t i = image.begin; i < image.end; ++i) positions.push_back(i);
  return at::tensor(positions, at::kLong);
}

}  // namespace

/// L_reg = mean of -log p(label)
at::Tensor reference_cross_entropy(const ReferenceOutputs& of, const Sequence& sequence, const Term&) {
  const at::Tensor rows = response_rows(sequence);
  if (rows.numel() == 0) return {};
  const at::Tensor labels = at::tensor(sequence.labels, at::kLong).index_select(0, rows + 1);
  return cross_entropy_rows(of.student_logits.index_select(0, rows), labels).mean();
}

/// L_res, L_vis = mean of D(p, q)
at::Tensor reference_divergence(const ReferenceOutputs& of, const Sequence& sequence, const Term& term) {
  const at::Tensor positions =
      term.kind->info->reads == TermPositions::response ? response_rows(sequence) : visual_rows(sequence);
  if (positions.numel() == 0) return {};
  const int64_t common = std::min(of.student_logits.size(1), of.teacher_logits.size(1));
  const auto rows = [&](const at::Tensor& logits) {
    return logits.narrow(1, 0, common).index_select(0, positions);
  };
  // divergence_rows multiplies by the square of the temperature.
  const double factor = temperature_factor(term) / (term.temperature * term.temperature);
  return factor * divergence_rows(*term.divergence, rows(of.teacher_logits), rows(of.student_logits), term.temperature,
                                  term.beta)
                      .mean();
}

/// L_rel = mean of 1 - cos(R_student, R_teacher), R = Z Zᵀ
at::Tensor reference_relation(const ReferenceOutputs& of, const Sequence& sequence, const Term& term) {
  const int64_t common = std::min(of.student_logits.size(1), of.teacher_logits.size(1));
  std::vector<at::Tensor> distances;
  for (const Segment& image : image_spans(sequence)) {
    const auto relation = [&](const at::Tensor& hidden, const at::Tensor& logits) {
      const at::Tensor rows = term.on_hidden ? hidden : logits.narrow(1, 0, common);
      return relation_matrix(rows.slice(0, image.begin, image.end));
    };
    distances.push_back(relation_distance(relation(of.student_hidden, of.student_logits),
                                          relation(of.teacher_hidden, of.teacher_logits)));
  }
  return distances.empty() ? at::Tensor() : at::stack(distances).mean();
}

/// L = 1/N Σ over samples of Σ over terms of weight · term
at::Tensor reference_loss(const ModelOutput& student, const ModelOutput* teacher,
                          const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser) {
  at::Tensor total = at::zeros({}, student.hidden.options().requires_grad(false));
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].skipped) continue;
    ReferenceOutputs of{.student_hidden = student.hidden.select(0, static_cast<int64_t>(s))};
    of.student_logits = logits_of(student, of.student_hidden);
    if (teacher) {
      of.teacher_hidden = teacher->hidden.select(0, static_cast<int64_t>(s));
      of.teacher_logits = logits_of(*teacher, of.teacher_hidden);
    }
    for (const Term& term : terms) {
      const at::Tensor value = term.kind->reference(of, sequences[s], term);
      if (value.defined()) total = total + term.weight * value;
    }
  }
  return total / normaliser;
}

}  // namespace llavakd
