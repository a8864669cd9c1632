// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/run/run_folder.h"
#include "core/run/train_progress.h"

namespace llavakd {

/// What the state.json of a checkpoint says.
struct CheckpointState {
  nlohmann::ordered_json json;
  TrainProgress progress;
};

/// Reads it field by field. Throws UserError where it can't be that of this checkpoint: a value that is none, two that
/// contradict each other, another stage or step than the folder's name has, or an optimizer's state where there should
/// be none, and the other way round.
CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint);

/// Whether a resume would have nothing to do: the run has finished, and its newest checkpoint is the end of the last
/// stage that the project schedules now. Throws UserError where the run isn't one of this project as it is now.
bool has_nothing_left(const RunFolder& run, const Project& project);

}  // namespace llavakd
