// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/models/tensor_map.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {

/// What a run needs in addition to the weights to go on as if it had never stopped.
struct TrainingState {
  TensorMap optimizer;  ///< Named by the trainer, e.g. "exp_avg/<parameter>", "master/<parameter>"; types are kept.
  nlohmann::ordered_json state;  ///< Stage, steps, schedule, data cursor, seeds, best values: the trainer's own.
};

/// Fills the (existing, empty) `model/` folder; usually by write_checkpoint.
using ModelWriter = std::function<void(const std::filesystem::path& model_folder)>;

/// Writes `<checkpoints>/<stage>-<step>/{model/, optimizer.safetensors, state.json, SHA256SUMS}` so that it appears
/// whole or not at all, points `<checkpoints>/latest` at it and then removes the oldest beyond `keep` (0: keeps all;
/// the newest always stays). Returns the folder. Throws RunError (disk full, …), after which the earlier checkpoints
/// are as they were.
std::filesystem::path save_training_checkpoint(const std::filesystem::path& checkpoints, const std::string& stage,
                                               int64_t step, const ModelWriter& write_model, const TrainingState& state,
                                               int64_t keep);

/// Reads optimizer and state back; the weights are in `<checkpoint>/model`. Throws UserError if a file is missing or
/// broken.
TrainingState read_training_state(const std::filesystem::path& checkpoint);

}  // namespace llavakd
