// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/run/event_types.h"
#include "core/training/batch.h"
#include "core/training/observers/checkpointer.h"
#include "core/training/run_context.h"
#include "core/training/stage_data.h"

namespace llavakd {

/// Ends the run, saved, where a batch lacks samples because the data is gone: throws RunError. To be asked before
/// anything is learnt from the batch.
void refuse_lost_data(RunContext& run, Checkpointer& checkpoints, const StageData& data, const StepBatch& batch,
                      const Trained& trained);

/// Moves the run's progress by one optimizer step; warns of samples that were left out of it and of a stage that learns
/// nothing.
void count_step(RunContext& run, const StepBatch& batch, const StepEvent& step);

/// Throws RunError where the stage that has just ended learnt nothing, and warns where that was to be expected.
void refuse_unlearnt_stage(RunContext& run);

}  // namespace llavakd
