// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The loss of LLaVA-KD as its equations say it, on whole matrices of logits: what the chunked form is held against.
#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "core/losses/ce.h"
#include "core/losses/distillation_loss.h"
#include "core/losses/mdist.h"
#include "core/losses/rdist.h"

namespace llavakd {

inline at::Tensor plain_term(const Term& term, const at::Tensor& student, const at::Tensor& teacher,
                             const at::Tensor& student_hidden, const at::Tensor& teacher_hidden,
                             const Sequence& sequence) {
  const int64_t common = teacher.defined() ? std::min(student.size(-1), teacher.size(-1)) : 0;
  std::vector<int64_t> rows, labels, visual;
  for (size_t i = 1; i < sequence.labels.size(); ++i) {
    if (sequence.labels[i] == ignore_index) continue;
    rows.push_back(static_cast<int64_t>(i) - 1);
    labels.push_back(sequence.labels[i]);
  }
  std::vector<at::Tensor> relations;
  for (const Segment& segment : sequence.segments) {
    if (segment.kind != SegmentKind::visual || segment.begin == segment.end) continue;
    for (int64_t i = segment.begin; i < segment.end; ++i) visual.push_back(i);
    if (term.kind != TermKind::rdist) continue;
    const auto part = [&](const at::Tensor& z) {
      return z.slice(0, segment.begin, segment.end);
    };
    const at::Tensor zs = term.on_hidden ? part(student_hidden) : part(student).narrow(1, 0, common);
    const at::Tensor zt = term.on_hidden ? part(teacher_hidden) : part(teacher).narrow(1, 0, common);
    relations.push_back(relation_distance(relation_matrix(zs), relation_matrix(zt)));
  }
  const auto kl = [&](const std::vector<int64_t>& picked) {
    const auto at_rows = [&](const at::Tensor& z) {
      return z.narrow(1, 0, common).index_select(0, at::tensor(picked));
    };
    const at::Tensor divergence =
        divergence_rows(term.divergence, at_rows(teacher), at_rows(student), term.temperature, term.beta);
    return divergence.mean() * (term.temperature_squared ? 1 : 1 / (term.temperature * term.temperature));
  };
  switch (term.kind) {
    case TermKind::ce:
      if (rows.empty()) return {};
      return cross_entropy_rows(student.index_select(0, at::tensor(rows)), at::tensor(labels)).mean();
    case TermKind::mdist_response:
      return rows.empty() ? at::Tensor() : kl(rows);
    case TermKind::mdist_visual:
      return visual.empty() ? at::Tensor() : kl(visual);
    case TermKind::rdist:
      return relations.empty() ? at::Tensor() : at::stack(relations).mean();
  }
  return {};
}

inline at::Tensor plain_logits(const Prediction& model, const at::Tensor& hidden) {
  const at::Tensor logits = at::linear(hidden, model.head_weight);
  return model.head_bias.defined() ? logits + model.head_bias : logits;
}

inline at::Tensor plain_loss(const Prediction& student, const Prediction* teacher,
                             const std::vector<Sequence>& sequences, const std::vector<Term>& terms,
                             double normaliser) {
  at::Tensor total = at::zeros({}, student.hidden.options().requires_grad(false));
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].skipped) continue;
    const at::Tensor hs = student.hidden.select(0, static_cast<int64_t>(s));
    const at::Tensor ht = teacher ? teacher->hidden.select(0, static_cast<int64_t>(s)) : at::Tensor();
    const at::Tensor zs = plain_logits(student, hs);
    const at::Tensor zt = teacher ? plain_logits(*teacher, ht) : at::Tensor();
    for (const Term& term : terms) {
      const at::Tensor value = plain_term(term, zs, zt, hs, ht, sequences[s]);
      if (value.defined()) total = total + term.weight * value;
    }
  }
  return total / normaliser;
}

}  // namespace llavakd
