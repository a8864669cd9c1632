// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/project/options.h"

namespace llavakd {

/// The terms of a stage that have a weight above 0. Throws UserError for unknown names, a term that comes twice, and a
/// stage without any.
std::vector<Term> terms_of(const StageOptions& stage);

/// Whether the stage trains this part: "vision_tower", "connector" or "language_model".
bool trains(const StageOptions& stage, std::string_view part);

/// The student as a stage trains it: parameters of the trained parts are copies that require gradients, the others are
/// shared with `student`. Throws UserError when nothing would be trained.
MultimodalModel make_trainable(const MultimodalModel& student, const StageOptions& stage);

/// The parameters that require gradients.
TensorMap trained_parameters(const MultimodalModel& model);

/// The same model without gradients; shares all parameters.
MultimodalModel frozen(const MultimodalModel& model);

/// Whether both towers give the same features, so that one may compute for both: same configuration, same weights.
bool same_tower(const MultimodalModel& teacher, const MultimodalModel& student);

}  // namespace llavakd
