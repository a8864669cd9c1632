// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/train.h"

#include "core/kernels/memory.h"
#include "core/kernels/threads.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/schedule.h"
#include "core/training/stage.h"
#include "core/training/stage_data.h"
#include "core/training/training_run.h"
#include "core/training/training_step.h"

namespace llavakd {
namespace {

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
  StageDataOptions how = run.data_options();
  const Forward::Plan plan = run.plan_for(stage, terms, *how.dataset);
  how.has_features = [&plan](const ImageRef& image) {
    return plan.has_features(image);
  };
  StageData data(*run.student, std::move(how));
  const PinnedThreads pinned;  // after the data's threads, which may run anywhere
  TrainingStep train_on(distils(stage) ? &run.teacher->model : nullptr, student, terms, optimizer, plan,
                        run.position.limits);
  const int64_t total_steps = stage_steps(stage, data.samples());
  const int64_t warmup = warmup_steps(stage.warmup_ratio, total_steps);
  run.begin_stage(student, total_steps, data.samples());

  while (run.position.stage_step < total_steps && run.may_go_on(student, optimizer)) {
    double seconds = 0, waiting = 0;
    const StepBatch batch = [&] {
      const PhaseTimer timer(waiting);
      return data.next();
    }();
    run.refuse_lost_data(data, batch, student, optimizer);
    const double learning_rate =
        stage.learning_rate * learning_rate_factor(stage.schedule, run.position.stage_step, warmup, total_steps);
    StepResult step = [&] {
      const PhaseTimer timer(seconds);
      return train_on(batch, learning_rate);
    }();
    step.phases.waiting = waiting;
    if (plan.keep_features && !plan.tower_learns) data.keep_out(batch);

    run.position.limits = train_on.limits();
    run.count_step(batch, step.grad_norm, learning_rate);
    for (const std::string& warning : step.warnings) run.warn(warning);
    for (const std::string& warning : plan.take_warnings()) run.warn(warning);
    StepEvent event = step.metrics.event();
    event.grad_norm = step.grad_norm;
    event.learning_rate = learning_rate;
    event.seconds = waiting + seconds;
    event.waiting_seconds = waiting;
    event.phases = seconds_by_name(step.phases);
    event.memory_bytes = resident_memory_bytes();
    run.emit(std::move(event));
    run.after_step(student, optimizer, run.position.stage_step == total_steps);
  }
  // A stage that goes on with max_steps lowered may have done all of them before.
  if (!run.position.stage_done && run.position.stage_step >= total_steps) run.after_step(student, optimizer, true);
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
