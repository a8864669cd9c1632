// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/disk_use.h"
#include "core/run/event_types.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_list.h"
#include "core/run/run_notes.h"

namespace llavakd {

/// Where a run is, as its files and its process say. `interrupted`: its process is gone, and it wasn't asked to stop.
/// `unknown`: its run.json can't be read.
enum class RunStatus { unknown, running, paused, interrupted, stopped, finished, failed };

/// "running", as --json writes it.
std::string_view name_of(RunStatus status);

RunStatus status_of(const RunInfo& info);

/// What a list shows of a run. Numbers that its files don't tell are 0, NaN or empty.
struct RunOverview {
  ListedRun
      run;  ///< Folder, run.json (with the options of each stage as that stage ran), to whom it belongs, its fault.
  RunStatus status = RunStatus::unknown;
  double last_event = 0;                ///< Seconds since 1970.
  double seconds = 0;                   ///< At work: without pauses and the time between two processes.
  std::vector<PlannedStage> plan = {};  ///< In the order in which they run.
  std::string stage = {};               ///< The newest.
  int64_t stage_step = 0;               ///< Optimizer steps done in it.
  int64_t step = 0;                     ///< Optimizer steps done in the run.
  int64_t planned_steps = 0;            ///< Of all stages.
  NamedNumbers terms = {};              ///< Of the newest step, raw.
  double total = NAN;                   ///< Of the newest step.
  std::vector<TaskResult> scores = {};  ///< Of the run's newest evaluation, in the project's order.
  std::string message = {};             ///< Why a run failed, paused by itself or stopped at a gate.
  RunNotes notes = {};
  std::string notes_fault = {};  ///< Why notes.json can't be read.
};

/// Reads run.json, notes.json and the beginning and the end of events.jsonl, never all of it: some milliseconds, of a
/// run of a million steps too. Never throws for what the files hold.
RunOverview run_overview(ListedRun run);

/// For scripts: what `llavakd runs --json` prints of a run, without sizes and checkpoints.
nlohmann::ordered_json to_json(const RunOverview& overview);

/// Of all runs next to the project file, newest first: those of other projects (run.belongs), of ablations
/// (run.info.kind) and the damaged ones (run.fault) too.
std::vector<RunOverview> run_overviews(const std::filesystem::path& project_file);

}  // namespace llavakd
