// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/train.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "core/project/errors.h"
#include "core/project/project_file.h"
#include "core/training/forward.h"
#include "core/training/schedule.h"
#include "core/training/stage.h"
#include "core/training/stage_data.h"
#include "core/training/tally.h"
#include "core/training/training_run.h"

namespace llavakd {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The update has not been made, so the weights are those that gave the bad gradient: each sample is tried alone.
[[noreturn]] void blame_for_gradient(AdamW& optimizer, Forward& forward, const StepBatch& batch,
                                     const std::vector<Term>& terms, int64_t visual_tokens) {
  for (const MicroBatch& micro : batch.micro_batches)
    for (size_t i = 0; i < micro.sequences.size(); ++i) {
      optimizer.zero_grad();
      const MicroBatch alone = only(micro, i, visual_tokens);
      const auto [teacher, student] = forward(alone);
      distillation_loss(student, teacher ? &*teacher : nullptr, alone.sequences, terms, 1).total.backward();
      optimizer.collect();
      if (!std::isfinite(optimizer.gradient_norm()))
        throw RunError(
            fmt::format("The gradient of sample “{}” is not a number. Look at that sample, or lower the learning "
                        "rate; the last checkpoint is still good.",
                        micro.sequences[i].id));
    }
  throw RunError(
      fmt::format("The gradient overflowed in the step that begins with sample “{}”. Lower the learning rate; "
                  "the last checkpoint is still good.",
                  batch.micro_batches.front().sequences.front().id));
}

Forward::Plan plan_for(const TrainingRun& run, const StageOptions& stage, const std::vector<Term>& terms,
                       const StageData& data) {
  Forward::Plan plan{.tower_learns = trains(stage, "vision_tower"), .same_tower = run.shared_tower};
  plan.keep_features = FeatureCache::fits(run.student->model, data.pictures());
  for (const Term& term : terms) plan.relates_logits |= term.kind == TermKind::rdist && !term.on_hidden;
  return plan;
}

AdamW make_optimizer(TrainingRun& run, const MultimodalModel& student, const StageOptions& stage) {
  AdamW optimizer(trained_parameters(student),
                  {.weight_decay = stage.weight_decay, .max_grad_norm = stage.max_grad_norm});
  if (run.optimizer_state) optimizer.load_state(*run.optimizer_state);
  run.optimizer_state.reset();
  return optimizer;
}

}  // namespace

void train_stage(TrainingRun& run) {
  const StageOptions& stage = run.stages[run.position.stage_index];
  const std::vector<Term> terms = terms_of(stage);
  MultimodalModel student = make_trainable(run.student->model, stage);
  AdamW optimizer = make_optimizer(run, student, stage);
  StageData data(*run.student, run.data_options());
  const Forward::Plan plan = plan_for(run, stage, terms, data);
  Forward forward(needs_teacher(terms) ? &run.teacher->model : nullptr, student, plan);
  const int64_t total_steps = stage_steps(stage, data.samples());
  const int64_t warmup = warmup_steps(stage.warmup_ratio, total_steps);
  run.begin_stage(student, total_steps, data.samples());

  while (run.position.stage_step < total_steps && run.may_go_on(student, optimizer)) {
    const Clock::time_point started = Clock::now();
    const StepBatch batch = data.next();
    const double waiting = seconds_since(started);

    Tally tally(terms, batch);
    for (const MicroBatch& micro : batch.micro_batches) {
      const auto [teacher_says, student_says] = forward(micro);
      const LossResult loss = distillation_loss(student_says, teacher_says ? &*teacher_says : nullptr, micro.sequences,
                                                terms, static_cast<double>(batch.samples));
      tally.add(micro, loss);
      // Text alone doesn't reach the connector.
      if (loss.total.requires_grad()) loss.total.backward();
      optimizer.collect();
      if (plan.keep_features && !plan.tower_learns) data.keep_out(micro);
    }
    const double norm = optimizer.gradient_norm();
    if (!std::isfinite(norm)) blame_for_gradient(optimizer, forward, batch, terms, data.visual_tokens());
    const double learning_rate =
        stage.learning_rate * learning_rate_factor(stage.schedule, run.position.stage_step, warmup, total_steps);
    if (batch.samples > 0) optimizer.step(learning_rate, norm);

    run.count_step(batch);
    nlohmann::ordered_json fields = tally.fields();
    fields["grad_norm"] = norm;
    fields["learning_rate"] = learning_rate;
    fields["seconds"] = seconds_since(started);
    fields["waiting_seconds"] = waiting;
    fields["memory_bytes"] = resident_memory_bytes();
    run.emit("step", std::move(fields));
    run.after_step(student, optimizer, run.position.stage_step == total_steps);
  }
  run.student->model = frozen(student);
}

RunResult train(const Project& project, const std::filesystem::path& project_file, const RunFolder& folder,
                const EventSink& sink, RunControl& control, const TrainOptions& options) {
  TrainingRun run(project, project_file, folder, sink, control, options);
  try {
    run.open();
    while (run.next_stage()) train_stage(run);
    return run.finish();
  } catch (const std::exception& error) {
    run.fail(error);
    throw;
  }
}

}  // namespace llavakd
