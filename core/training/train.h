// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"
#include "core/run/events.h"
#include "core/run/run_control.h"
#include "core/run/run_folder.h"

namespace llavakd {

class Communicator;

struct TrainOptions {
  /// Goes on from the run's newest checkpoint (from the start, where there is none yet).
  bool resume = false;
  /// Goes on although files that the run reads have changed since.
  bool accept_changes = false;
  /// A checkpoint of another run with the same schedule up to there, to start from instead of the untrained student.
  std::optional<std::filesystem::path> start_from;
  /// Said as the run begins.
  std::vector<std::string> warnings = {};
  /// What a new run is expected to take, for its record.
  std::vector<StageForecast> estimates = {};
  /// What the run is there for, for run.json.
  RunKind kind = RunKind::train;
  /// Where the run can be steered, for run.json.
  std::filesystem::path control_socket;
  /// Whether the project's evaluations are done at the end.
  bool evaluate = true;
  /// The ways of computing of the runs that this one is compared with, for one that has none of its own yet; empty:
  /// they are measured.
  std::string kernels = {};
  /// Whether somebody is there to answer at a gate that asks; otherwise the run stops there.
  bool can_ask = false;
  /// Why the gate that the run stopped at is passed although it isn't met.
  std::optional<std::string> pass_gate = {};
  /// Threads of LibTorch on this thread. 0: what the project says.
  int64_t threads = 0;
  /// Bytes left on the disk of a folder, or -1; empty: the system is asked.
  std::function<int64_t(const std::filesystem::path&)> bytes_left = {};
  /// The processes that train the run together. Null: this one alone.
  std::shared_ptr<Communicator> communicator = nullptr;
};

struct RunResult {
  bool stopped = false;              ///< On request; otherwise all stages are done.
  int64_t steps = 0;                 ///< Of the whole run.
  std::filesystem::path checkpoint;  ///< The newest: `<run>/checkpoints/<stage>-<step>`.
  std::string unmet_gate = {};       ///< What isn't met, a sentence, where the run stopped at a gate by itself.
  /// Why the run is to go back to the end of the stage before (roll_back_run), where somebody has asked for that.
  std::optional<std::string> roll_back = {};
};

/// Trains the student through the scheduled stages, each from the last one's result (LLaVA-KD, arXiv 2410.16236,
/// section 3: DPT, SFT and DFT are three of them). Writes run.json, events.jsonl, checkpoints/, probes/ and eval/ of
/// the run and gives each event to `sink` on this thread. The same project and seed give the same bits, whether the run
/// was interrupted or not. Throws UserError when the project can't be run, RunError when it can't go on (NaN, full
/// disk); both after a `failed` event, with the last checkpoint still good.
RunResult train(const Project& project, const std::filesystem::path& project_file, const RunFolder& run,
                const EventSink& sink, RunControl& control, const TrainOptions& options = {});

}  // namespace llavakd
