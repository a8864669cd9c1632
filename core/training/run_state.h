// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/run/train_progress.h"

namespace llavakd {

/// Where a run is and what it has saved: a value. The models are in RunModels.
struct RunState {
  TrainProgress progress;
  std::filesystem::path checkpoint;  ///< The newest, or the one that the run starts from.
  int64_t saved_at = -1;             ///< Step of the newest checkpoint of this run.
  bool stopped = false;              ///< On request, or at a gate.
  std::string unmet_gate = {};       ///< As in RunResult.
  std::optional<std::string> roll_back = {};
  double totals = 0;      ///< Sum of the steps' losses since the newest checkpoint,
  int64_t totals_of = 0;  ///< and of how many steps.

  /// Checkpoints that the run started from may be removed in time; the newest stays.
  bool has_checkpoint() const { return !checkpoint.empty() && std::filesystem::exists(checkpoint / "model"); }
};

}  // namespace llavakd
