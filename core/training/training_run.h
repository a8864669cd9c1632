// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <exception>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/training/observers/checkpointer.h"
#include "core/training/observers/evaluator.h"
#include "core/training/observers/probe_recorder.h"
#include "core/training/observers/run_observer.h"
#include "core/training/run_context.h"
#include "core/training/stage_gate.h"

namespace llavakd {

/// A run from its first event to its last: opens what it needs, goes from stage to stage, and calls the observers. The
/// loop itself is in train.cpp.
class TrainingRun {
 public:
  TrainingRun(const Project& project, std::filesystem::path project_file, const RunFolder& folder,
              const EventSink& sink, RunControl& control, const TrainOptions& options);

  RunContext& context() { return run_; }
  Checkpointer& checkpoints() { return checkpoints_; }

  /// Opens the models and the checkpoint to go on from, and refuses what can't be trained.
  void open();
  /// Moves on to the next stage that isn't done; false when none is left, the run is to stop, or a gate isn't passed.
  bool next_stage();
  /// Says that the stage starts or goes on.
  void begin_stage(const Trained& trained, int64_t total_steps, int64_t samples);
  /// Waits while the run is paused. False, after a checkpoint, when the run is to stop.
  bool may_go_on(const Trained& trained);
  /// Calls the observers; says that the stage has ended, where it has.
  void after_step(const Trained& trained, bool stage_done);
  /// Evaluates the result and closes the record.
  RunResult finish();
  /// Closes the record of a run that can't go on.
  void fail(const std::exception& error);

 private:
  void settle_roll_back_of_run();
  void open_record();
  void announce_stage(const Trained& trained, int64_t total_steps, int64_t samples);
  void pause(const Trained& trained);
  bool stop_requested() const;
  bool passes_gate();

  std::optional<RunLock> lock_;
  RunContext run_;
  ProbeRecorder probes_;
  Checkpointer checkpoints_;
  Evaluator evaluations_;
  StageGate gate_;
  std::vector<RunObserver*> observers_;  ///< In the order in which they are called.
};

}  // namespace llavakd
