// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"
#include "core/run/event_log.h"
#include "core/run/input_hashes.h"
#include "core/run/option_changes.h"
#include "core/run/run_folder.h"
#include "core/run/run_lock.h"
#include "core/run/train_progress.h"

namespace llavakd {

/// Who is at work on a run, and on what.
struct RunOrigin {
  std::filesystem::path project_file;
  RunKind kind = RunKind::train;
  std::filesystem::path control_socket;
  nlohmann::ordered_json versions;  ///< Of the libraries and of what else of the machine decides its last bits.
  InputFiles inputs;
  KnownInputs known_inputs;                ///< Of a resumed run, without those whose changes are accepted.
  std::vector<InputChange> accepted = {};  ///< Those changes.
};

/// A run's memory on disk: events.jsonl and run.json, and whoever listens. What a resumed run says is held back until
/// begin(), so that one which is refused on the way leaves the record as it was.
class RunRecord {
 public:
  /// Starts the record, or goes on with it from a checkpoint at `from`: what events.jsonl says of later steps, which
  /// will be done again, is taken out.
  RunRecord(RunFolder run, EventSink sink, const std::optional<TrainProgress>& from, bool resumes);

  /// Makes run.json one of a living run: this process, the resolved project, the versions of this program and of
  /// `origin`; the inputs' hashes when they are known. Returns what changed_options() says of the project that the run
  /// was last at work with.
  std::optional<std::vector<OptionChange>> announce(const Project& project, RunOrigin origin, const TrainProgress& at);

  /// Which versions and which instruction set are others than those that the run was last at work with, in words.
  const std::string& other_versions() const { return other_versions_; }

  /// Everything that could refuse the run has been looked at: writes what was held back.
  void begin();

  /// Notes what the stage at `at` goes on with, unless that is noted already.
  void note_stage(const TrainProgress& at, const StageOptions& stage, const Project& project);

  /// How the run computed when it was last at work, as run.json says; empty where it doesn't.
  const std::string& kernels_before() const { return kernels_before_; }

  /// Writes into run.json how the run computes.
  void note_kernels(const std::string& kernels);

  /// Waits until a resumed run's inputs have been compared with what it noted of them. To be called before anything is
  /// kept that was computed from them. Throws UserError that names those that are others, as emit() does when it is
  /// known by then.
  void finish_comparing_inputs();

  /// Appends an event that happened at this place, and hands it on.
  void emit(EventBody body, const TrainProgress& at);

  /// What became of the gate of the stage at `at`; kept in run.json for good, unlike the log, which a resume cuts.
  void note_gate(const TrainProgress& at, const GateEvent& gate);
  /// What run.json says last of the gate at this step; else null.
  const GateEvent* noted_gate(const TrainProgress& at) const;

  /// The newest time that the run went back to the checkpoint of this name, or null.
  const RollBackRecord* roll_back_to(const std::string& checkpoint) const;

  /// The run goes back to a step, to a checkpoint or with none to its beginning: what came later leaves the log.
  void go_back(int64_t step, bool to_checkpoint);

  /// How long the log is: what a checkpoint remembers of it.
  std::string log_mark() const { return log_ ? to_text(log_->mark()) : std::string(); }

  /// running, paused; or finished, stopped, failed, after which no process belongs to the run.
  void set_status(const std::string& status);

  const RunFolder& folder() const { return run_; }

 private:
  void note_session();
  void note_pause(const Event& event);
  void note_plan(const std::vector<PlannedStage>& plan);
  void note_inputs(InputFiles inputs, KnownInputs known);
  void start_hashes();
  void take_hashes();
  void open_events();
  void write();

  RunFolder run_;
  EventSink sink_;
  const std::optional<TrainProgress> from_;
  std::optional<EventLog> log_;
  RunInfo info_;
  std::string other_versions_;
  std::string kernels_before_;
  std::optional<double> paused_since_;  ///< Seconds since 1970: what of a pause isn't counted yet.
  bool held_ = false;
  std::vector<Event> held_events_;
  std::string info_before_;  ///< Text of run.json as it was found.
  InputFiles inputs_;
  KnownInputs known_inputs_;
  bool compares_inputs_ = false;
  std::unique_ptr<InputHashes> hashes_;
};

}  // namespace llavakd
