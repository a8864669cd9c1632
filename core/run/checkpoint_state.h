// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

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

}  // namespace llavakd
