// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"

namespace llavakd {

/// Euclidean norms of the total's gradient.
struct GradientNorms {
  double connector = 0;
  double language_model = 0;
};

/// What `llavakd losses` prints for one sample. A skipped sample has no terms.
struct SampleLosses {
  SampleTerms terms;            ///< Raw.
  std::optional<double> total;  ///< Weighted.
  std::optional<GradientNorms> gradients;
};

/// All terms of the catalog by their names, null where one doesn't apply.
nlohmann::ordered_json terms_json(const SampleTerms& terms);

/// The same model with connector and language model as leaves that gradients are taken of; the tower stays frozen.
MultimodalModel with_gradients(const MultimodalModel& model);

/// All terms of one sample. The two models may see pictures through processors of their own: pixel values
/// [images, 3, H, W] or undefined. With `gradients` the student must come from with_gradients().
SampleLosses sample_losses(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                           const at::Tensor& teacher_pixels, const at::Tensor& student_pixels,
                           const std::vector<Term>& terms, bool gradients);

}  // namespace llavakd
