// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

/// One picture with one question as both models process it: what the Inspect page draws.
struct Probe {
  Sequence sequence;            ///< The prompt (and an answer, when there is one).
  at::Tensor relation_teacher;  ///< float32 [n, n], Z Zᵀ of the visual tokens' logits; undefined without teacher.
  at::Tensor relation_student;  ///< float32 [n, n]
  at::Tensor token_kl;  ///< float32 [tokens], KL(teacher‖student) at each position; undefined without teacher.
  at::Tensor top_ids_teacher, top_ids_student;                      ///< int64 [tokens, 5]
  at::Tensor top_probabilities_teacher, top_probabilities_student;  ///< float32 [tokens, 5]
  SampleTerms terms;  ///< Those on visual positions, and the others where labels exist.
  std::string image, question;
  int64_t grid_rows = 0, grid_columns = 0;  ///< Patches of the tower; 0 where tokens are queries and have no place.
  /// Raster index of the first visual token's patch: 1 when the first is dropped, -1 for a class token, which has none.
  int64_t first_patch = 0;
  int64_t tokens_per_patch = 1;  ///< 2 with two towers, whose tokens take turns.
};

/// Runs both models on one sample; the teacher may be null. pixel_values [images, 3, H, W]; teacher_pixels where the
/// teacher's image processor is another one.
Probe run_probe(const MultimodalModel* teacher, const MultimodalModel& student, const Sequence& sequence,
                const at::Tensor& pixel_values, const at::Tensor& teacher_pixels = {});

/// The relation matrix of one image's visual tokens just as RDist compares it in training, of their logits or of their
/// final hidden states [n, W] -> float32 [n, n] on the CPU. `vocabulary`: the logits that both models have.
at::Tensor trained_relation(const MultimodalModel& model, const at::Tensor& hidden, int64_t vocabulary,
                            bool on_hidden = false);

/// Every term that these final hidden states [1, T, W] have: those on visual positions, those on labels where there are
/// some, those without a teacher where it is null (its hidden states are not read then).
SampleTerms probe_terms(const MultimodalModel* teacher, const at::Tensor& teacher_hidden,
                        const MultimodalModel& student, const at::Tensor& student_hidden, const Sequence& sequence);

/// Writes the safetensors file of `llavakd inspect` and the run's probes/ folder: relation.teacher, relation.student,
/// token_kl, topk.{teacher,student}.{ids,probabilities}; metadata: segments, terms, image, question, grid, first_patch,
/// tokens_per_patch.
void write_probe(const Probe& probe, const std::filesystem::path& file);

}  // namespace llavakd
