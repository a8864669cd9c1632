// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "core/run/option_changes.h"
#include "core/run/run_record.h"
#include "core/training/run_context.h"

namespace llavakd {

/// Finds where the run goes on from: student, optimizer and progress of its newest checkpoint that isn't damaged, or of
/// the one that it is to start from. Changes nothing where there is none. Throws UserError where the checkpoints are
/// gone, all damaged, or don't fit the project.
void open_checkpoint_of_run(RunContext& run);

/// Who is at work on what. Of a run that goes on, its inputs are compared with what it noted of them: throws UserError
/// where they have changed and that isn't accepted.
RunOrigin compared_origin(RunContext& run);

/// Warns of versions and options that have changed since the run was last at work; nothing where that can't be read.
void warn_of_changes(RunContext& run, const std::optional<std::vector<OptionChange>>& changes);

/// Takes models and progress back to a checkpoint of the run, or with nothing to where the run began. The ways of
/// computing stay.
void go_back(RunContext& run, const std::optional<std::filesystem::path>& checkpoint);

}  // namespace llavakd
