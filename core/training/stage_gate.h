// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>

#include "core/run/event_types.h"
#include "core/training/observers/evaluator.h"
#include "core/training/observers/probe_recorder.h"
#include "core/training/run_context.h"

namespace llavakd {

/// What stands between a stage and the next one: measures the student by the run's own probes and evaluations, compares
/// with the stage's limits (core/project/stage_gate.h), and goes on, asks or stops. Of several ranks the leader has it.
class StageGate {
 public:
  /// All must outlive this.
  StageGate(RunContext& run, ProbeRecorder& probes, Evaluator& evaluations)
      : run_(run), probes_(probes), evaluations_(evaluations) {}

  /// Throws UserError where a gate is to be passed, and the run isn't at one.
  void refuse_needless_pass() const;
  /// The present stage begins or goes on: notes what the numbers are as it begins that limits are compared with.
  void begin_stage();
  /// Whether the run may go on after the stage that is done. Waits where somebody is there to answer. Otherwise the
  /// run's state says why it stops.
  bool passes();

 private:
  std::optional<double> measured(const LimitOptions& limit, bool may_stop);
  std::optional<GateEvent> look();
  bool ask(GateEvent gate);
  bool conclude(GateEvent gate, const std::string& outcome, const std::string& reason = {});

  RunContext& run_;
  ProbeRecorder& probes_;
  Evaluator& evaluations_;
  bool by_checkpoint_ = true;  ///< No stage has been trained yet: the run is where a checkpoint has brought it.
};

}  // namespace llavakd
