// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/distributed/communicator.h"
#include "core/project/options.h"
#include "core/run/event_types.h"
#include "core/run/run_control.h"
#include "core/run/run_folder.h"
#include "core/run/run_record.h"
#include "core/training/run_models.h"
#include "core/training/run_state.h"
#include "core/training/train.h"

namespace llavakd {

/// What everything in a run works with: what was asked for, where the run is, its models, and its record on disk.
struct RunContext {
  RunContext(const Project& of_project, std::filesystem::path of_file, const RunFolder& in_folder, EventSink to,
             RunControl& by, const TrainOptions& with);

  const StageOptions& stage() const { return stages[state.progress.stage_index]; }
  /// The stage's data; read once for each file. Throws UserError where it can't be read.
  std::shared_ptr<const Dataset> dataset_of(const StageOptions& of_stage);

  /// Moves the progress to the beginning of the stage after the present one.
  void enter_next_stage();

  void emit(EventBody body);
  void warn(const std::string& message) { emit(WarningEvent{.message = message}); }

  const Project project;
  const std::filesystem::path project_file;
  const std::vector<StageOptions> stages;  ///< In the order in which they run.
  const RunFolder folder;
  const EventSink sink;
  RunControl& control;
  const TrainOptions options;
  const std::shared_ptr<Communicator> communicator;

  RunState state;
  RunModels models;
  std::optional<RunRecord> record;                                           ///< The leader's alone.
  std::vector<std::string> early_warnings;                                   ///< Of the time before there is a record.
  std::map<std::filesystem::path, std::shared_ptr<const Dataset>> datasets;  ///< By data file.
  std::set<std::string> named_truncated;  ///< Files of images that a warning has named.
};

}  // namespace llavakd
