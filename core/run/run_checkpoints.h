// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// A whole checkpoint of a run: `checkpoints/<stage>-<step>`.
struct RunCheckpoint {
  std::filesystem::path folder = {};
  std::string name = {};  ///< "DFT-40", as commands take it.
  std::string stage = {};
  int64_t step = -1;        ///< Of the run; -1 where the name has none.
  int64_t stage_index = 0;  ///< In the run's schedule.
  int64_t stage_step = 0;   ///< Optimizer steps done in its stage.
  bool stage_done = false;  ///< Its stage's last one.
  bool pinned = false;      ///< By a person: no rule removes it.
  bool newest = false;      ///< That a resume goes on from; it goes with its run alone.
  double mean_total = NAN;  ///< Mean loss of the steps since the checkpoint before; NaN in those of earlier versions.
  double written = 0;       ///< Seconds since 1970.
  int64_t bytes = 0;        ///< On disk.
};

/// Oldest first. Of a damaged state.json only the name counts; with a damaged notes.json all are pinned, because nobody
/// can tell which ones are.
std::vector<RunCheckpoint> run_checkpoints(const RunFolder& run);

/// For scripts.
nlohmann::ordered_json to_json(const RunCheckpoint& checkpoint);

/// Throws UserError where an engine is at work on the run.
void refuse_at_work(const RunFolder& run);

/// Removes a checkpoint and gives the bytes that were freed: none for what a branch shares. Throws UserError, and
/// removes nothing, where an engine is at work on the run, there is no such checkpoint, it is pinned, or it is the
/// newest, which a resume needs.
int64_t delete_checkpoint(const RunFolder& run, const std::string& name);

/// The same for several, looked at before the first is removed.
int64_t delete_checkpoints(const RunFolder& run, const std::vector<std::string>& names);

/// Removes a run with all that is in its folder, links but not what they lead to, and gives the bytes that were freed.
/// Throws UserError where an engine is at work on it, or where it has a pinned checkpoint.
int64_t delete_run(const RunFolder& run);

// What is in `checkpoints/` of a run.

/// Whole checkpoints, oldest first: by the step in their names, which a copy keeps, unlike files' times.
std::vector<std::filesystem::path> list_training_checkpoints(const std::filesystem::path& checkpoints);

/// A folder with a checkpoint's name that can't be opened.
struct IncompleteCheckpoint {
  std::filesystem::path folder;
  int64_t step = 0;
  std::string missing;  ///< The file or folder that it lacks.
};

/// Those that no list shows, oldest first: somebody or something has taken a part of them away.
std::vector<IncompleteCheckpoint> incomplete_checkpoints(const std::filesystem::path& checkpoints);

/// The folder that `latest` names, if it is there; else the newest whole one. Nothing if there is none.
std::optional<std::filesystem::path> latest_training_checkpoint(const std::filesystem::path& checkpoints);

/// Where a checkpoint's model is: `model` of a run's checkpoint ("checkpoints/DFT-40"); any other path itself.
std::filesystem::path model_folder_of(const std::filesystem::path& path);

/// The run that the `model` folder of a checkpoint belongs to, "RUN/checkpoints/DFT-40/model"; nothing for any other
/// folder.
std::optional<RunFolder> run_of_model(const std::filesystem::path& model_folder);

/// Renamed before it is removed, so that a kill in between leaves no half checkpoint under a good name.
void remove_checkpoint(const std::filesystem::path& checkpoint);

}  // namespace llavakd
