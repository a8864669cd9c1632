// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/reference.h"

#include <algorithm>

#include "core/losses/ce.h"
#include "core/losses/mdist.h"
#include "core/losses/rdist.h"

namespace llavakd {
namespace {

/// One sample's final hidden states [T, W] and logits [T, V] of both models; the teacher's undefined without one.
struct Outputs {
  at::Tensor student_hidden, teacher_hidden;
  at::Tensor student_logits, teacher_logits;
};

at::Tensor logits_of(const ModelOutput& model, const at::Tensor& hidden) {
  const at::Tensor logits = at::linear(hidden, model.head_weight);
  return model.head_bias.defined() ? logits + model.head_bias : logits;
}

/// Row i - 1 predicts the label at position i.
at::Tensor response_positions(const Sequence& sequence) {
  std::vector<int64_t> positions;
  for (size_t i = 1; i < sequence.labels.size(); ++i)
    if (sequence.labels[i] != ignore_index) positions.push_back(static_cast<int64_t>(i) - 1);
  return at::tensor(positions, at::kLong);
}

at::Tensor visual_positions(const Sequence& sequence) {
  std::vector<int64_t> positions;
  for (const Segment& image : image_spans(sequence))
    for (int64_t i = image.begin; i < image.end; ++i) positions.push_back(i);
  return at::tensor(positions, at::kLong);
}

/// Equation 2: the mean of -log p(label) over the labelled positions.
at::Tensor cross_entropy(const Outputs& of, const Sequence& sequence) {
  const at::Tensor rows = response_positions(sequence);
  if (rows.numel() == 0) return {};
  const at::Tensor labels = at::tensor(sequence.labels, at::kLong).index_select(0, rows + 1);
  return cross_entropy_rows(of.student_logits.index_select(0, rows), labels).mean();
}

/// Equations 3 and 4: the mean of D(teacher, student) over positions, on the words that both models know.
at::Tensor mdist(const Outputs& of, const at::Tensor& positions, const Term& term) {
  if (positions.numel() == 0) return {};
  const int64_t common = std::min(of.student_logits.size(1), of.teacher_logits.size(1));
  const auto rows = [&](const at::Tensor& logits) {
    return logits.narrow(1, 0, common).index_select(0, positions);
  };
  // divergence_rows multiplies by the square of the temperature.
  const double factor = temperature_factor(term) / (term.temperature * term.temperature);
  return factor *
         divergence_rows(term.divergence, rows(of.teacher_logits), rows(of.student_logits), term.temperature, term.beta)
             .mean();
}

/// Equations 5 and 6: 1 - cos(R_student, R_teacher) with R = Z Zᵀ of a picture's rows, the mean over the pictures.
at::Tensor rdist(const Outputs& of, const Sequence& sequence, const Term& term) {
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

at::Tensor term_of(const Term& term, const Outputs& of, const Sequence& sequence) {
  switch (term.kind) {
    case TermKind::ce:
      return cross_entropy(of, sequence);
    case TermKind::mdist_response:
      return mdist(of, response_positions(sequence), term);
    case TermKind::mdist_visual:
      return mdist(of, visual_positions(sequence), term);
    case TermKind::rdist:
      return rdist(of, sequence, term);
  }
  return {};
}

}  // namespace

at::Tensor reference_loss(const ModelOutput& student, const ModelOutput* teacher,
                          const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser) {
  at::Tensor total = at::zeros({}, student.hidden.options().requires_grad(false));
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].skipped) continue;
    Outputs of{.student_hidden = student.hidden.select(0, static_cast<int64_t>(s))};
    of.student_logits = logits_of(student, of.student_hidden);
    if (teacher) {
      of.teacher_hidden = teacher->hidden.select(0, static_cast<int64_t>(s));
      of.teacher_logits = logits_of(*teacher, of.teacher_hidden);
    }
    for (const Term& term : terms) {
      const at::Tensor value = term_of(term, of, sequences[s]);
      if (value.defined()) total = total + term.weight * value;
    }
  }
  return total / normaliser;
}

}  // namespace llavakd
