// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/models/multimodal_model.h"
#include "core/training/adamw.h"

namespace llavakd {

/// What a stage trains, at some step of it.
struct Trained {
  const MultimodalModel& student;
  const AdamW& optimizer;
};

/// Something that a run does besides training. The loop calls each observer in the order of TrainingRun's list; only
/// the leader of several ranks has any.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// Before the first step of the run.
  virtual void before_training(const Trained& /*trained*/) {}
  /// After each step. `stage_done`: it was the stage's last.
  virtual void after_step(const Trained& /*trained*/, bool /*stage_done*/) {}
  /// After a stage that has learnt something, once its end has been said.
  virtual void after_stage(const Trained& /*trained*/) {}
  /// After the last stage.
  virtual void after_training() {}
};

}  // namespace llavakd
