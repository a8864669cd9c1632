// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/training/observers/run_observer.h"
#include "core/training/run_context.h"

namespace llavakd {

/// Records what teacher and student say of the project's probes: before the first step, every few steps, and at a
/// stage's end.
class ProbeRecorder : public RunObserver {
 public:
  /// `run` must outlive this.
  explicit ProbeRecorder(RunContext& run) : run_(run) {}

  void before_training(const Trained& trained) override { record(trained.student); }
  void after_step(const Trained& trained, bool stage_done) override;

 private:
  void record(const MultimodalModel& trained);

  RunContext& run_;
};

}  // namespace llavakd
