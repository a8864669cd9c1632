// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/left_out_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"

namespace llavakd {

void refuse_lost_data(RunContext& run, Checkpointer& checkpoints, const StageData& data, const StepBatch& batch,
                      const Trained& trained) {
  const TrainProgress& progress = run.state.progress;
  if (batch.skipped.empty()) return;
  const auto reason = data.lost_reason();
  if (!reason) return;
  checkpoints.save(trained);
  const std::string way_on = run.state.has_checkpoint()
                                 ? fmt::format(
                                       "The run is saved at step {}: put the data back and go on "
                                       "with --resume.",
                                       progress.step)
                                 : "Nothing was learnt yet.";
  throw RunError(fmt::format("Stage {}: none of the samples that were tried can be used any more, the first is {}{} {}",
                             progress.stage, *reason, reason->ends_with('.') ? "" : ".", way_on));
}

void count_step(RunContext& run, const StepBatch& batch, const StepEvent& step) {
  TrainProgress& progress = run.state.progress;
  ++progress.stage_step;
  ++progress.step;
  progress.samples += step.samples;
  if (std::isfinite(step.total)) run.state.totals += step.total, ++run.state.totals_of;
  progress.learnt = progress.learnt || (step.samples > 0 && step.grad_norm > 0 && step.learning_rate > 0);
  constexpr int64_t patience = 20;
  if (!progress.learnt && progress.stage_step == patience)
    run.warn(fmt::format("Stage {} has learnt nothing in its first {} steps: the gradient or the learning rate was 0.",
                         progress.stage, patience));
  const auto skipped = static_cast<int64_t>(batch.skipped.size() - batch.told);
  // A few names are enough to find the fault in the data; the step's count has them all.
  constexpr int64_t most_named = 10;
  for (int64_t i = 0; i < skipped && progress.skipped + i < most_named; ++i)
    run.warn(fmt::format("A sample is left out: {}.", batch.skipped[static_cast<size_t>(i)]));
  progress.skipped += step.skipped;
  for (const std::string& file : batch.truncated)
    if (std::ssize(run.named_truncated) < most_named && run.named_truncated.insert(file).second)
      run.warn(fmt::format("A picture is cut short and used as far as it goes: {}.", file));
}

void refuse_unlearnt_stage(RunContext& run) {
  const TrainProgress& progress = run.state.progress;
  if (progress.learnt || progress.stage_step == 0) return;
  const StageOptions& stage = run.stage();
  // A stage of one step is all warm-up, which begins at 0: it is short on purpose, and everything else may be fine.
  if (progress.stage_step == 1 && stage.warmup_ratio > 0)
    return run.warn(
        fmt::format("Stage {} learnt nothing: its only step is the warm-up's first, whose learning rate is 0. Set "
                    "warmup_ratio to 0, or give it more steps.",
                    stage.name));
  throw RunError(fmt::format("Stage {} learnt nothing in its {} steps: {}. What it was to train is as it was before.",
                             stage.name, progress.stage_step,
                             stage.learning_rate > 0
                                 ? "the gradient was 0 in all of them, because no term of the loss depends on "
                                   "the parts that learn for any of its samples"
                                 : "its learning rate is 0"));
}

}  // namespace llavakd
