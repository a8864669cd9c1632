// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"
#include "core/kernels/whole_tensor.h"
#include "core/project/catalog.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

Term term_of(const StageOptions& stage, const TermOptions& options) {
  find(catalog::terms(), options.term, "term");
  find(catalog::divergences(), options.divergence, "divergence");
  find(catalog::relation_sources(), options.on, "relation source");
  find(catalog::switches(), options.temperature_squared, "switch");
  const LossTerm* kind = term_named(options.term);
  const Divergence* divergence = divergence_named(options.divergence);
  if (!kind || !divergence)
    throw UserError(fmt::format("Stage {}: the losses have no term “{}” with divergence “{}”.", stage.name,
                                options.term, options.divergence));
  return {.kind = kind,
          .weight = options.weight,
          .temperature = options.temperature,
          .divergence = divergence,
          .beta = options.beta,
          .temperature_squared = options.temperature_squared == "on",
          .on_hidden = options.on == "hidden"};
}

// What a feature of the tower is computed from.
bool shapes_features(const std::string& name) {
  return part_of(name) == "vision_tower" && name.find(".head.") == std::string::npos &&
         name.find("post_layernorm") == std::string::npos;
}

}  // namespace

std::vector<Term> terms_of(const StageOptions& stage) {
  std::vector<Term> terms;
  for (const TermOptions& options : stage.terms) {
    const Term term = term_of(stage, options);
    if (std::ranges::any_of(terms, [&](const Term& other) { return other.kind == term.kind; }))
      throw UserError(fmt::format("Stage {}: the term “{}” comes twice. Keep one of them.", stage.name, options.term));
    if (is_on(options)) terms.push_back(term);
  }
  if (terms.empty())
    throw UserError(
        fmt::format("Stage {} has no term with a weight above 0, so there is nothing to learn from.", stage.name));
  return terms;
}

bool trains(const StageOptions& stage, std::string_view part) {
  return std::ranges::count(stage.train, part) > 0;
}

MultimodalModel make_trainable(const MultimodalModel& student, const StageOptions& stage) {
  TensorMap parameters;
  bool any = false;
  for (const auto& [name, tensor] : student.parameters()) {
    const bool trained = trains(stage, part_of(name));
    any = any || trained;
    parameters[name] =
        trained ? tensor.detach().clone(at::MemoryFormat::Contiguous).set_requires_grad(true) : tensor.detach();
    if (trained) release_pages(tensor.const_data_ptr(), tensor.nbytes());
  }
  if (!any)
    throw UserError(fmt::format("Stage {} trains nothing: choose at least one part that has weights.", stage.name));
  return MultimodalModel(student.config(), std::move(parameters));
}

TensorMap trained_parameters(const MultimodalModel& model) {
  TensorMap trained;
  for (const auto& [name, tensor] : model.parameters())
    if (tensor.requires_grad()) trained[name] = tensor;
  return trained;
}

MultimodalModel frozen(const MultimodalModel& model) {
  TensorMap parameters;
  for (const auto& [name, tensor] : model.parameters()) parameters[name] = tensor.detach();
  return MultimodalModel(model.config(), std::move(parameters));
}

bool same_tower(const MultimodalModel& teacher, const MultimodalModel& student) {
  const ModelConfig &a = teacher.config(), &b = student.config();
  const auto key = [](const VisionConfig& v) {
    return std::tuple(v.model_type, v.hidden_size, v.intermediate_size, v.num_hidden_layers, v.num_attention_heads,
                      v.num_channels, v.image_size, v.stored_image_size, v.patch_size, v.layer_norm_eps, v.hidden_act);
  };
  const auto second = [&](const ModelConfig& c) {
    return key(c.second_vision.value_or(VisionConfig{}));
  };
  if (key(a.vision) != key(b.vision) || second(a) != second(b) || a.vision_feature_layer != b.vision_feature_layer ||
      a.vision_feature_select_strategy != b.vision_feature_select_strategy)
    return false;
  for (const auto& [name, tensor] : teacher.parameters()) {
    if (!shapes_features(name)) continue;
    const auto other = student.parameters().find(name);
    if (other == student.parameters().end() || !same_numbers(tensor, other->second)) return false;
    // Only the teacher's will be computed with.
    release_pages(other->second.const_data_ptr(), other->second.nbytes());
  }
  return true;
}

}  // namespace llavakd
