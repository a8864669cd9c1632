// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <string>

#include "core/evaluation/answer.h"
#include "core/inspection/relation_source.h"
#include "core/losses/distillation_loss.h"
#include "core/models/decoder_capture.h"

namespace llavakd {

/// One model's forward pass over a picture and a question, kept for looking inside. On the model's device, in its type.
struct ModelLook {
  const MultimodalModel* model = nullptr;  ///< Must outlive the look.
  at::Tensor tower;                        ///< [feature tokens, tower width], what the connector reads.
  at::Tensor connected;                    ///< [visual tokens, W], what it makes of them.
  DecoderCapture decoder;                  ///< Of the visual tokens' positions.

  int64_t layers() const { return decoder.layers(); }
};

/// Both models' passes over the same question.
struct RelationLook {
  std::optional<ModelLook> teacher;
  ModelLook student;
  SampleTerms terms;       ///< Those on visual positions; none where the models' visual tokens differ in number.
  int64_t vocabulary = 0;  ///< The logits that both models have.
  std::string image, question;
};

/// Runs one model on a prompt with a picture, pixels [1, 3, H, W], as training does, and keeps the tower's features and
/// the states, queries and keys of the picture's positions. `only`: those alone that this source needs. `final_states`
/// becomes those of the whole prompt, [1, T, W].
ModelLook look_at(const MultimodalModel& model, const Sequence& prompt, const at::Tensor& pixels,
                  const RelationSource* only = nullptr, at::Tensor* final_states = nullptr);

/// look_at() of both models. The teacher may be null. The numbers of visual tokens may differ. Throws UserError without
/// a picture, where ids mean different things, and where the prompt is longer than a model has positions.
RelationLook look_inside(const LoadedModel* teacher, const LoadedModel& student, const Question& question,
                         const RelationSource* only = nullptr);

/// The state of the decoder's capture that the source needs in a model of so many layers; -1 where it needs none.
int64_t needed_state(const RelationSource& source, int64_t layers);

/// The source as this model has it: Z Zᵀ of the rows, as RDist computes it; attention as it is, row = the token that
/// attends. float32 [tokens, tokens] on the CPU. The layer and the head must exist.
at::Tensor relation_of(const ModelLook& look, const RelationSource& source, int64_t vocabulary);

/// How many heads the layer (from 1) has.
int64_t heads_of(const ModelLook& look, int64_t layer);

/// Bytes that a look of one model keeps, whatever the question: of a prompt of so many tokens.
int64_t look_bytes(const MultimodalModel& model, int64_t prompt_tokens);

}  // namespace llavakd
