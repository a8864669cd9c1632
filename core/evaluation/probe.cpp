// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/probe.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "core/checkpoint/tensor_io.h"
#include "core/evaluation/sample_losses.h"
#include "core/evaluation/visual_grid.h"
#include "core/losses/divergences.h"
#include "core/losses/relation.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

constexpr int64_t alternatives = 5;
constexpr int64_t rows_at_once = 256;

/// KL(teacher‖student) of each row, [tokens].
at::Tensor divergence(const MultimodalModel& teacher, const at::Tensor& teacher_hidden, const MultimodalModel& student,
                      const at::Tensor& student_hidden, int64_t vocabulary) {
  const Divergence& forward_kl = *divergence_named("forward_kl");
  std::vector<at::Tensor> rows;
  for (int64_t begin = 0; begin < student_hidden.size(0); begin += rows_at_once) {
    const int64_t end = std::min(begin + rows_at_once, student_hidden.size(0));
    const auto log_probabilities = [&](const MultimodalModel& model, const at::Tensor& hidden) {
      return model.logits(hidden.slice(0, begin, end)).slice(1, 0, vocabulary).to(at::kFloat).log_softmax(-1);
    };
    const at::Tensor log_teacher = log_probabilities(teacher, teacher_hidden);
    rows.push_back(forward_kl.value(log_teacher, log_probabilities(student, student_hidden), 0));
  }
  return at::cat(rows).cpu();
}

/// The likeliest next tokens of each position: ids and probabilities, [tokens, 5].
std::pair<at::Tensor, at::Tensor> top_tokens(const MultimodalModel& model, const at::Tensor& hidden) {
  std::vector<at::Tensor> ids, probabilities;
  for (int64_t begin = 0; begin < hidden.size(0); begin += rows_at_once) {
    const at::Tensor rows = hidden.slice(0, begin, std::min(begin + rows_at_once, hidden.size(0)));
    const auto [values, indices] =
        model.logits(rows).to(at::kFloat).softmax(-1).topk(std::min(alternatives, model.head_weight().size(0)));
    ids.push_back(indices);
    probabilities.push_back(values);
  }
  return {at::cat(ids).cpu(), at::cat(probabilities).cpu()};
}

void place_tokens(Probe& probe, const ModelConfig& config) {
  const VisualGrid grid = visual_grid(config);
  probe.grid_rows = grid.rows;
  probe.grid_columns = grid.columns;
  probe.first_patch = grid.first_patch;
  probe.tokens_per_patch = grid.tokens_per_patch;
}

}  // namespace

at::Tensor trained_relation(const MultimodalModel& model, const at::Tensor& hidden, int64_t vocabulary,
                            bool on_hidden) {
  const ModelOutput output{{}, model.head_weight(), {}, model.head_bias()};
  const at::Tensor image = hidden.unsqueeze(0);
  const RelationMethod method = relation_method(on_hidden, image, output, vocabulary);
  return compared_relations(method, image, output, vocabulary)[0].to(at::kFloat).cpu();
}

SampleTerms probe_terms(const MultimodalModel* teacher, const at::Tensor& teacher_hidden,
                        const MultimodalModel& student, const at::Tensor& student_hidden, const Sequence& sequence) {
  // Without labels the visual terms still say something: that is what a probe is for.
  Sequence counted = sequence;
  counted.skipped.reset();
  std::vector<Term> terms;
  for (const LossTerm& term : loss_terms()) {
    const bool on_labels = term.info->reads == TermPositions::response;
    if ((teacher || !term.info->needs_teacher) && !(on_labels && sequence.skipped)) terms.push_back({.kind = &term});
  }
  if (terms.empty()) return {};
  const ModelOutput of_student{student_hidden, student.head_weight(), {}, student.head_bias()};
  if (!teacher) return distillation_loss(of_student, nullptr, {counted}, terms, 1).samples[0];
  const ModelOutput of_teacher{teacher_hidden, teacher->head_weight(), {}, teacher->head_bias()};
  return distillation_loss(of_student, &of_teacher, {counted}, terms, 1).samples[0];
}

Probe run_probe(const MultimodalModel* teacher, const MultimodalModel& student, const Sequence& sequence,
                const at::Tensor& pixel_values, const at::Tensor& teacher_pixels) {
  const at::NoGradGuard no_grad;
  Probe probe;
  probe.sequence = sequence;
  place_tokens(probe, student.config());

  const auto hidden_of = [&](const MultimodalModel& model, const at::Tensor& pixels) {
    return model.hidden_states(embed_samples(model, {sequence}, pixels), {});
  };
  const at::Tensor student_hidden = hidden_of(student, pixel_values);
  const at::Tensor teacher_hidden =
      teacher ? hidden_of(*teacher, teacher_pixels.defined() ? teacher_pixels : pixel_values) : at::Tensor();
  const int64_t vocabulary =
      teacher ? std::min(teacher->head_weight().size(0), student.head_weight().size(0)) : student.head_weight().size(0);
  if (const auto images = image_spans(sequence); !images.empty()) {
    const auto relation = [&](const MultimodalModel& model, const at::Tensor& hidden) {
      return trained_relation(model, hidden.slice(0, images.front().begin, images.front().end), vocabulary);
    };
    probe.relation_student = relation(student, student_hidden[0]);
    if (teacher) probe.relation_teacher = relation(*teacher, teacher_hidden[0]);
  }
  std::tie(probe.top_ids_student, probe.top_probabilities_student) = top_tokens(student, student_hidden[0]);
  if (teacher) {
    probe.token_kl = divergence(*teacher, teacher_hidden[0], student, student_hidden[0], vocabulary);
    std::tie(probe.top_ids_teacher, probe.top_probabilities_teacher) = top_tokens(*teacher, teacher_hidden[0]);
  }
  probe.terms = probe_terms(teacher, teacher_hidden, student, student_hidden, sequence);
  return probe;
}

void write_probe(const Probe& probe, const std::filesystem::path& file) {
  TensorMap tensors;
  const auto add = [&](const char* name, const at::Tensor& tensor) {
    if (tensor.defined()) tensors[name] = tensor.contiguous();
  };
  add("relation.teacher", probe.relation_teacher);
  add("relation.student", probe.relation_student);
  if (probe.relation_teacher.defined())
    add("relation.difference", probe.relation_student / probe.relation_student.norm() -
                                   probe.relation_teacher / probe.relation_teacher.norm());
  add("token_kl", probe.token_kl);
  add("topk.teacher.ids", probe.top_ids_teacher);
  add("topk.teacher.probabilities", probe.top_probabilities_teacher);
  add("topk.student.ids", probe.top_ids_student);
  add("topk.student.probabilities", probe.top_probabilities_student);
  add("input_ids", at::tensor(probe.sequence.input_ids, at::kLong));

  nlohmann::ordered_json segments = nlohmann::ordered_json::array();
  for (const auto& segment : probe.sequence.segments)
    segments.push_back({{"kind", name(segment.kind)}, {"begin", segment.begin}, {"end", segment.end}});
  write_tensors(file, tensors,
                {{"format", "pt"},
                 {"segments", segments.dump()},
                 {"terms", terms_json(probe.terms).dump()},
                 {"image", probe.image},
                 {"question", probe.question},
                 {"grid", fmt::format("{}x{}", probe.grid_rows, probe.grid_columns)},
                 {"first_patch", fmt::format("{}", probe.first_patch)},
                 {"tokens_per_patch", fmt::format("{}", probe.tokens_per_patch)}});
}

}  // namespace llavakd
