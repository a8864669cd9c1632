// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/training/run_context.h"
#include "core/training/sample_error.h"
#include "core/training/training_step.h"

namespace llavakd {

/// A step on the batch. Where run.not_a_number is skip_sample, samples whose loss or gradient is not a number leave the
/// batch, with a warning, and the step is done without them; until there were too many in the run. Every other
/// NotANumberError passes. A resumed run meets the same samples and leaves out the same.
StepResult step_on_numbers(RunContext& run, TrainingStep& train_on, StepBatch& batch, double learning_rate);

/// Where run.not_a_number is roll_back and it may go back once more: takes models, progress and events back to an
/// earlier checkpoint, from where the next stage loop goes on with a lower rate. Otherwise false. What was saved since
/// then is removed, so that a run that is killed now comes here again by itself.
bool roll_back(RunContext& run, const NotANumberError& error);

}  // namespace llavakd
