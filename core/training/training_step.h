// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/training/adamw.h"
#include "core/training/batch.h"
#include "core/training/forward.h"
#include "core/training/phases.h"
#include "core/training/tally.h"

namespace llavakd {

struct StepResult {
  Tally tally;           ///< Raw means of the terms, tokens, samples.
  double grad_norm = 0;  ///< Of all trained parameters together, before clipping.
  StepPhases phases;     ///< `waiting` is the caller's.
};

/// One optimizer step: every micro-batch through teacher and student, terms, backward, then norm, clipping and update.
/// The gradient is that of the mean over the step's samples, however they are cut into micro-batches.
class TrainingStep {
 public:
  /// Everything referred to must outlive this; `teacher` may be null where no term needs it.
  TrainingStep(const MultimodalModel* teacher, const MultimodalModel& student, std::vector<Term> terms,
               AdamW& optimizer, Forward::Plan plan);

  /// Throws RunError that names the sample when a term or a gradient is not a number; the weights are then untouched.
  StepResult operator()(const StepBatch& batch, double learning_rate);

 private:
  void learn_from(const MicroBatch& micro, double samples, StepResult& result);
  [[noreturn]] void blame_for_gradient(const StepBatch& batch);

  const MultimodalModel& student_;
  const std::vector<Term> terms_;
  AdamW& optimizer_;
  Forward forward_;
};

}  // namespace llavakd
