// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/preflight/checks.h"
#include "core/preflight/stage_estimate.h"

namespace llavakd {
namespace {

/// Checkpoints that the stage keeps besides its last one.
int64_t checkpoints_within(const CheckedProject& checked, const StageOptions& stage) {
  const RunOptions& run = checked.project.run;
  const int64_t every = run.checkpoint_every, steps = steps_of(checked, stage);
  if (every <= 0 || steps == 0) return 0;
  const int64_t regular = run.keep_checkpoints_every > 0 ? steps / run.keep_checkpoints_every : 0;
  return std::min(run.keep_checkpoints + run.keep_best_checkpoints + regular, (steps - 1) / every);
}

/// Within a stage a checkpoint holds AdamW's three numbers of each weight that learns, at its end the weights alone.
double weights_bytes(const CheckedProject& checked, const ModelFacts& student) {
  return static_cast<double>(student.total_parameters * bytes_of_weight(checked.project));
}

double within_bytes(const CheckedProject& checked, const ModelFacts& student, const StageOptions& stage) {
  double trained = 0;
  for (const auto& [part, count] : student.parameters)
    if (std::ranges::count(stage.train, part) > 0) trained += static_cast<double>(count);
  return weights_bytes(checked, student) + 12 * trained;
}

}  // namespace

double stage_checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student, const StageOptions& stage) {
  return static_cast<double>(checkpoints_within(checked, stage)) * within_bytes(checked, student, stage) +
         weights_bytes(checked, student);
}

double unfinished_checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student,
                                   const StageOptions& stage) {
  return checkpoints_within(checked, stage) > 0 ? within_bytes(checked, student, stage)
                                                : weights_bytes(checked, student);
}

}  // namespace llavakd
