// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>

#include "core/checkpoint/loaded_model.h"
#include "core/models/tensor_map.h"
#include "core/project/options.h"

namespace llavakd {

struct RunContext;

/// The models of a run.
struct RunModels {
  std::optional<LoadedModel> teacher;
  std::optional<LoadedModel> student;  ///< As the present stage began.
  bool shared_tower = false;           ///< Both vision towers give the same features.
  /// The optimizer's state within a stage, right after resuming.
  std::optional<TensorMap> optimizer_state;
};

/// Refuses a teacher whose losses with the student would compare different things, or that sees other pixels.
void refuse_unlike_pair(const LoadedModel& teacher, const LoadedModel& student);

/// That only the first logits are compared, where the vocabularies differ in size.
std::optional<std::string> vocabulary_warning(const LoadedModel& teacher, const LoadedModel& student);

/// How the project wants models opened.
OpenOptions open_options(const Project& project);

/// Opens the models that aren't open yet and sets the kernel backends for them. Throws UserError where teacher and
/// student don't go together.
void open_models(RunContext& run);

}  // namespace llavakd
