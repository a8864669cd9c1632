// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/sample_losses.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/io/mapped_file.h"
#include "core/models/forward.h"

namespace llavakd {
namespace {

/// The frozen tower stays outside of the gradient's graph.
ModelOutput predict_frozen_tower(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixels,
                                 const std::shared_ptr<RowGradients>& collect = nullptr) {
  at::Tensor features;
  if (pixels.defined()) {
    const at::NoGradGuard no_grad;
    features = model.vision_features(pixels.to(model.head_weight().device(), model.head_weight().scalar_type()));
  }
  return predict(model, {sequence}, features, /*recompute=*/false, collect);
}

GradientNorms take_gradients(const MultimodalModel& student) {
  double connector = 0, language_model = 0;
  for (const auto& [name, parameter] : student.parameters()) {
    at::Tensor& gradient = parameter.mutable_grad();
    if (!gradient.defined()) continue;
    const double square = gradient.to(at::kDouble).square().sum().item<double>();
    (part_of(name) == "connector" ? connector : language_model) += square;
    gradient.reset();
  }
  return {std::sqrt(connector), std::sqrt(language_model)};
}

}  // namespace

MultimodalModel with_gradients(const MultimodalModel& model) {
  TensorMap parameters = model.parameters();
  for (auto& [name, parameter] : parameters)
    if (part_of(name) != "vision_tower") parameter = parameter.detach().clone().requires_grad_();
  return MultimodalModel(model.config(), std::move(parameters));
}

SampleLosses sample_losses(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                           const at::Tensor& teacher_pixels, const at::Tensor& student_pixels,
                           const std::vector<Term>& terms, bool gradients) {
  SampleLosses result;
  if (sequence.skipped) return result;
  const c10::AutoGradMode grad_mode(gradients);
  ModelOutput of_teacher;
  {
    const at::NoGradGuard no_grad;
    of_teacher = predict_frozen_tower(teacher, sequence, teacher_pixels);
  }
  const auto rows = std::make_shared<RowGradients>();
  const LossResult loss = distillation_loss(predict_frozen_tower(student, sequence, student_pixels, rows), &of_teacher,
                                            {sequence}, terms, 1);
  result.terms = loss.samples[0];
  result.total = loss.total.item<double>();
  refuse_changed_mappings();
  if (gradients) {
    loss.total.backward();
    for (const RowGradient& row : *rows) row.add_to(row.table.mutable_grad());
    result.gradients = take_gradients(student);
  }
  return result;
}

nlohmann::ordered_json terms_json(const SampleTerms& terms) {
  nlohmann::ordered_json json;
  for (const TermInfo& term : term_catalog()) {
    const auto value = terms[term.name];
    json[std::string(term.name)] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  }
  return json;
}

}  // namespace llavakd
