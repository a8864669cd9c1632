// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/row_divergences.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/losses/divergences.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

/// So few that several copies of their logits stay small with the largest vocabularies (256,000: 64 MB each).
constexpr int64_t compared_at_once = 64;

double total(const at::Tensor& values) {
  return values.to(at::kDouble).sum().item<double>();
}

}  // namespace

ComparedRows compared_rows(const Sequence& sequence) {
  ComparedRows rows;
  rows.response = response_positions(sequence);
  for (const Segment& segment : sequence.segments)
    for (int64_t at = segment.begin; at < segment.end; ++at) {
      if (segment.kind == SegmentKind::visual) rows.visual.push_back(at);
      if (segment.kind == SegmentKind::prompt && !std::ranges::binary_search(rows.response, at))
        rows.prompt.push_back(at);
    }
  return rows;
}

PairHidden hidden_of_pair(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                          const at::Tensor& pixel_values, const at::Tensor& teacher_pixels) {
  const at::NoGradGuard no_grad;
  const auto hidden_of = [&](const MultimodalModel& model, const at::Tensor& pixels) {
    return model.hidden_states(embed_samples(model, {sequence}, pixels), {})[0];
  };
  return {hidden_of(teacher, teacher_pixels.defined() ? teacher_pixels : pixel_values),
          hidden_of(student, pixel_values)};
}

RowDivergences row_divergences(const MultimodalModel& teacher, const MultimodalModel& student, const PairHidden& hidden,
                               const std::vector<int64_t>& rows, double temperature) {
  const at::NoGradGuard no_grad;
  const int64_t vocabulary = std::min(teacher.head_weight().size(0), student.head_weight().size(0));
  const double factor = temperature_factor({.temperature = temperature});
  const Divergence* const kinds[] = {divergence_named("forward_kl"), divergence_named("reverse_kl"),
                                     divergence_named("jsd")};
  std::vector<at::Tensor> parts[] = {{at::empty({0})}, {at::empty({0})}, {at::empty({0})}};
  for (const at::Tensor& some : at::tensor(rows, at::kLong).split(compared_at_once)) {
    if (some.numel() == 0) break;
    const auto log_probabilities = [&](const MultimodalModel& model, const at::Tensor& states) {
      const at::Tensor logits = model.logits(states.index_select(0, some.to(states.device())));
      return (logits.slice(1, 0, vocabulary).to(at::kFloat) / temperature).log_softmax(-1);
    };
    const at::Tensor log_p = log_probabilities(teacher, hidden.teacher);
    const at::Tensor log_q = log_probabilities(student, hidden.student).to(log_p.device());
    for (size_t k = 0; k < std::size(kinds); ++k)
      parts[k].push_back((kinds[k]->value(log_p, log_q, 0.5) * factor).cpu());
  }
  return {at::cat(parts[0]), at::cat(parts[1]), at::cat(parts[2])};
}

void refuse_wrong_temperature(double temperature) {
  if (!(temperature > 0) || !std::isfinite(temperature)) throw UserError("The temperature must be a number above 0.");
}

const Disagreement& SegmentDisagreement::of(SegmentKind kind) const {
  if (kind == SegmentKind::visual) return visual;
  return kind == SegmentKind::response ? response : prompt;
}

Disagreement sum_of(const RowDivergences& divergences) {
  return {divergences.forward_kl.numel(), total(divergences.forward_kl), total(divergences.reverse_kl),
          total(divergences.jsd)};
}

SegmentDisagreement segment_disagreement(const MultimodalModel& teacher, const MultimodalModel& student,
                                         const PairHidden& hidden, const Sequence& sequence, double temperature) {
  const ComparedRows rows = compared_rows(sequence);
  const auto sum = [&](const std::vector<int64_t>& of) {
    return sum_of(row_divergences(teacher, student, hidden, of, temperature));
  };
  return {.visual = sum(rows.visual), .prompt = sum(rows.prompt), .response = sum(rows.response)};
}

nlohmann::ordered_json segment_disagreement_json(const SegmentDisagreement& sums) {
  nlohmann::ordered_json json;
  for (const SegmentKind kind : segment_kinds) {
    const Disagreement& sum = sums.of(kind);
    json[std::string(name(kind))] = {
        {"rows", sum.rows}, {"forward_kl", sum.forward_kl}, {"reverse_kl", sum.reverse_kl}, {"jsd", sum.jsd}};
  }
  return json;
}

}  // namespace llavakd
