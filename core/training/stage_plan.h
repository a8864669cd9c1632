// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/training/disk_cache.h"
#include "core/training/forward.h"
#include "core/training/memory_limits.h"
#include "core/training/run_context.h"
#include "core/training/stage_data.h"

namespace llavakd {

/// What the caches on disk of all stages share.
struct RunCaches {
  std::shared_ptr<ImageHashes> image_hashes = std::make_shared<ImageHashes>();
  std::shared_ptr<TeacherStore> teacher_store;  ///< Opened by the first stage that needs it.
};

/// How a stage's samples go through the models.
struct StagePlan {
  Forward::Plan forward;
  MemoryLimits limits;  ///< What memory is known to allow, as the project wants it.
};

/// Which of a stage's work is done once: a tower that both models share, features in memory, caches on disk. `run` must
/// outlive what the plan loads. Changes nothing but `caches`.
StagePlan plan_stage(const RunContext& run, const StageOptions& stage, const std::vector<Term>& terms,
                     const Dataset& dataset, RunCaches& caches);

/// The present stage's data from the present step on.
StageDataOptions stage_data_options(RunContext& run);

}  // namespace llavakd
