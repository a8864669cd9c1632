// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Whether the term is part of its stage's loss: a weight of 0 switches it off.
bool is_on(const TermOptions& term);

/// Whether the term compares the student with the teacher.
bool needs_teacher(const TermOptions& term);

/// Whether the stage has a term that is on; without one there is nothing to learn from.
bool has_loss(const StageOptions& stage);

/// Whether a term that is on compares with the teacher.
bool distils(const StageOptions& stage);

/// Whether any of the stages distils.
bool distils(const std::vector<StageOptions>& stages);

/// Whether a run of the project opens the teacher: because a scheduled stage distils, or because probes compare the
/// student with a teacher that is chosen. Throws UserError like scheduled_stages.
bool opens_teacher(const Project& project);

}  // namespace llavakd
