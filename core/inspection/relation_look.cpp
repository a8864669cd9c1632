// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/relation_look.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/evaluation/probe.h"
#include "core/models/forward.h"

namespace llavakd {
ModelLook look_at(const MultimodalModel& model, const Sequence& prompt, const at::Tensor& pixels,
                  const RelationSource* only, at::Tensor* final_states) {
  const at::NoGradGuard no_grad;
  ModelLook look;
  look.model = &model;
  const Segment picture = image_spans(prompt).front();
  look.decoder.begin = picture.begin;
  look.decoder.end = picture.end;
  if (only) look.decoder.only = needed_state(*only, model.config().language.num_hidden_layers);
  const at::Tensor features =
      model.vision_features(pixels.to(model.head_weight().device(), model.head_weight().scalar_type()));
  look.tower = features[0];
  look.connected = model.connect(features)[0];
  const at::Tensor states = model.hidden_states(embed_features(model, {prompt}, features), lengths_of({prompt}),
                                                nullptr, /*recompute=*/false, &look.decoder);
  if (final_states) *final_states = states;
  return look;
}

RelationLook look_inside(const LoadedModel* teacher, const LoadedModel& student, const Question& question,
                         const RelationSource* only) {
  const at::NoGradGuard no_grad;
  if (!question.image) throw UserError("Relations are those of a picture's tokens: give an image.");
  if (teacher) refuse_other_ids(*teacher, student);
  RelationLook look;
  look.image = question.image->string();
  look.question = question.text;
  look.vocabulary = student.model.head_weight().size(0);
  const Sequence prompt = prompt_of(student, question);
  refuse_long_prompt(student, prompt);
  const at::Tensor pixels = pixels_of(student, question);
  at::Tensor of_student, of_teacher;
  look.student = look_at(student.model, prompt, pixels, only, &of_student);
  if (teacher) {
    look.vocabulary = std::min(look.vocabulary, teacher->model.head_weight().size(0));
    // The same tokens, with as many visual ones as the model makes.
    const Sequence read = make_prompt(student.tokenizer, conversation_template(question.conversation_template),
                                      conversation_of(question), teacher->model.config().visual_tokens());
    refuse_long_prompt(*teacher, read);
    RelationSource matched;
    if (only)
      matched = matched_source(*only, look.student.layers(), teacher->model.config().language.num_hidden_layers);
    const at::Tensor seen = teacher->processor == student.processor ? pixels : pixels_of(*teacher, question);
    look.teacher = look_at(teacher->model, read, seen, only ? &matched : nullptr, &of_teacher);
    if (read.input_ids.size() != prompt.input_ids.size()) return look;
  }
  look.terms = probe_terms(teacher ? &teacher->model : nullptr, of_teacher, student.model, of_student, prompt);
  return look;
}

int64_t needed_state(const RelationSource& source, int64_t layers) {
  if (source.kind == RelationKind::logits) return layers;
  return source.kind == RelationKind::hidden || source.kind == RelationKind::attention ? source.layer : -1;
}

at::Tensor relation_of(const ModelLook& look, const RelationSource& source, int64_t vocabulary) {
  const at::NoGradGuard no_grad;
  const auto state = [&] {
    return look.decoder.states[static_cast<size_t>(needed_state(source, look.layers()))];
  };
  const auto of_rows = [&](const at::Tensor& rows) {
    return trained_relation(*look.model, rows, vocabulary, /*on_hidden=*/true);
  };
  switch (source.kind) {
    case RelationKind::logits:
      return trained_relation(*look.model, state(), vocabulary);
    case RelationKind::hidden:
      return of_rows(state());
    case RelationKind::connector:
      return of_rows(look.connected);
    case RelationKind::tower:
      return of_rows(look.tower);
    case RelationKind::attention:
      break;
  }
  return captured_attention(look.decoder, source.layer, source.head, look.model->config().language.sliding_window)
      .cpu();
}

int64_t heads_of(const ModelLook& look, int64_t layer) {
  return look.model->config().language.layer(layer - 1).heads;
}

int64_t look_bytes(const MultimodalModel& model, int64_t prompt_tokens) {
  const ModelConfig& config = model.config();
  const LanguageConfig& language = config.language;
  const int64_t visual = config.visual_tokens();
  int64_t numbers = (language.num_hidden_layers + 2) * visual * language.hidden_size +
                    config.feature_tokens() * config.vision.hidden_size;
  for (int64_t i = 0; i < language.num_hidden_layers; ++i) {
    const LayerSizes sizes = language.layer(i);
    numbers += language.head_dim * (sizes.heads * visual + sizes.key_value_heads * prompt_tokens);
  }
  return numbers * static_cast<int64_t>(model.head_weight().element_size());
}

}  // namespace llavakd
