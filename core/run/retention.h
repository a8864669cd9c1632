// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "core/project/options.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {

/// Which checkpoints of a stage a run keeps while it goes on. Whatever they say, those at stages' ends, pinned ones and
/// the newest stay.
struct RetentionRules {
  int64_t last = 3;   ///< The newest so many, at least 1.
  int64_t every = 0;  ///< Those at multiples of so many steps of the stage; 0: none for that.
  int64_t best = 0;   ///< So many of the lowest mean loss (RunCheckpoint::mean_total).
};

RetentionRules retention_rules(const RunOptions& options);

/// The checkpoints of this stage of the schedule that no rule keeps, oldest first, as `checkpoints` are.
std::vector<RunCheckpoint> surplus_checkpoints(const std::vector<RunCheckpoint>& checkpoints, int64_t stage_index,
                                               const RetentionRules& rules);

/// The same for all stages: what goes when the rules are applied to a run that isn't at work. Those of a damaged
/// state.json stay.
std::vector<RunCheckpoint> surplus_checkpoints(const std::vector<RunCheckpoint>& checkpoints,
                                               const RetentionRules& rules);

}  // namespace llavakd
