// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/project/events.h"
#include "core/project/options.h"
#include "core/project/run_folder.h"
#include "core/training/input_hashes.h"
#include "core/training/memory_limits.h"

namespace llavakd {

/// Where a run is. With the weights and the optimizer's state it decides everything that follows: the order of the data
/// is a function of seed, stage and step.
struct Position {
  size_t stage_index = 0;  ///< In the schedule.
  std::string stage;
  int64_t stage_step = 0;  ///< Optimizer steps done in this stage.
  int64_t step = 0;        ///< Optimizer steps done in the run.
  int64_t samples = 0;     ///< That were learnt from, over the run.
  int64_t skipped = 0;     ///< Samples that were left out, over the run.
  bool stage_done = false;
  MemoryLimits limits;  ///< What the run had to lower.
  std::string kernels;  ///< Ways of computing, as settle_kernels() gave them.
};

/// For state.json.
nlohmann::ordered_json to_json(const Position& position, const Project& project);
/// Throws UserError when the state is another program's, or its schedule up to here isn't the project's.
Position read_position(const nlohmann::ordered_json& state, const Project& project, const std::filesystem::path& where);

/// The options that decide a run's result and differ between what run.json says (`was`) and the project of now, as
/// "stages.DFT.learning_rate". None where `was` can't be read.
std::vector<std::string> changed_options(const nlohmann::ordered_json& was, const Project& is);

/// Keeps other engines off a run for as long as it lives. Throws UserError when one is at work on it already.
class RunLock {
 public:
  explicit RunLock(const RunFolder& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

/// A run's memory on disk: events.jsonl and run.json, and whoever listens.
class RunRecord {
 public:
  /// Starts the record, or goes on with it from a checkpoint at `from`: what events.jsonl says of later steps, which
  /// will be done again, is taken out.
  RunRecord(RunFolder run, EventSink sink, const std::optional<Position>& from);

  /// Writes run.json for a living run: this process, the resolved project, versions; the inputs' hashes when they are
  /// known. Returns the changed_options() since run.json was last written.
  std::vector<std::string> announce(const Project& project, const std::filesystem::path& project_file,
                                    const std::filesystem::path& control_socket);

  /// Writes into run.json how the run computes.
  void note_kernels(const std::string& kernels);

  /// Appends an event and hands it on.
  void emit(const std::string& type, const Position& at,
            nlohmann::ordered_json fields = nlohmann::ordered_json::object());

  /// running, paused; or finished, stopped, failed, after which no process belongs to the run.
  void set_status(const std::string& status);

  const RunFolder& folder() const { return run_; }

 private:
  bool take_hashes();

  RunFolder run_;
  EventSink sink_;
  std::optional<EventLog> log_;
  RunInfo info_;
  std::unique_ptr<InputHashes> hashes_;
};

}  // namespace llavakd
