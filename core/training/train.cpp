// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/train.h"

#include "core/kernels/memory.h"
#include "core/kernels/threads.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/left_out_samples.h"
#include "core/training/loss_spike.h"
#include "core/training/not_a_number.h"
#include "core/training/schedule.h"
#include "core/training/stage.h"
#include "core/training/stage_data.h"
#include "core/training/stage_plan.h"
#include "core/training/training_run.h"
#include "core/training/training_step.h"

namespace llavakd {
namespace {

AdamW make_optimizer(RunModels& models, const MultimodalModel& student, const StageOptions& stage) {
  AdamW optimizer(trained_parameters(student),
                  {.weight_decay = stage.weight_decay, .max_grad_norm = stage.max_grad_norm});
  if (models.optimizer_state) optimizer.load_state(*models.optimizer_state);
  models.optimizer_state.reset();
  return optimizer;
}

/// What the run says of a step that has been done.
StepEvent step_event(const StepResult& step, double learning_rate, double seconds) {
  StepEvent event = step.metrics.event();
  event.grad_norm = step.grad_norm;
  event.learning_rate = learning_rate;
  event.seconds = step.phases.waiting + seconds;
  event.waiting_seconds = step.phases.waiting;
  event.phases = seconds_by_name(step.phases);
  event.memory_bytes = resident_memory_bytes();
  return event;
}

/// Trains one stage from where the run is and leaves the result in the run's student.
void train_stage(TrainingRun& training, RunCaches& caches) {
  RunContext& run = training.context();
  TrainProgress& progress = run.state.progress;
  const StageOptions& stage = run.stage();
  const std::vector<Term> terms = terms_of(stage);
  MultimodalModel student = make_trainable(run.models.student->model, stage);
  AdamW optimizer = make_optimizer(run.models, student, stage);
  const Trained trained{student, optimizer};
  StageDataOptions how = stage_data_options(run);
  const StagePlan plan = plan_stage(run, stage, terms, *how.dataset, caches);
  how.has_features = [&plan](const ImageRef& image) {
    return plan.forward.has_features(image);
  };
  progress.limits = plan.limits;
  StageData data(*run.models.student, std::move(how));
  const PinnedThreads pinned;  // after the data's threads, which may run anywhere
  TrainingStep train_on(distils(stage) ? &run.models.teacher->model : nullptr, student, terms, optimizer, plan.forward,
                        *run.communicator, plan.limits);
  const int64_t total_steps = stage_steps(stage, data.samples());
  const int64_t warmup = warmup_steps(stage.warmup_ratio, total_steps);
  LossSpikes spikes(stage.name, trained_parameters(student));
  training.begin_stage(trained, total_steps, data.samples());

  while (progress.stage_step < total_steps && training.may_go_on(trained)) {
    double seconds = 0, waiting = 0;
    StepBatch batch = [&] {
      const PhaseTimer timer(waiting);
      return data.next();
    }();
    refuse_lost_data(run, training.checkpoints(), data, batch, trained);
    const double learning_rate = stage.learning_rate *
                                 learning_rate_factor(stage.schedule, progress.stage_step, warmup, total_steps) *
                                 progress.rate_factor;
    StepResult step = [&] {
      const PhaseTimer timer(seconds);
      return step_on_numbers(run, train_on, batch, learning_rate);
    }();
    step.phases.waiting = waiting;
    if (plan.forward.keep_features && !plan.forward.tower_learns) data.skip_decoding(batch);

    progress.limits = train_on.limits();
    StepEvent event = step_event(step, learning_rate, seconds);
    count_step(run, batch, event);
    if (const auto told = spikes.look_at(progress.step, event, step.metrics.heaviest(), step.steepest)) run.warn(*told);
    for (const std::string& warning : step.warnings) run.warn(warning);
    for (const std::string& warning : plan.forward.take_warnings()) run.warn(warning);
    run.emit(std::move(event));
    training.after_step(trained, progress.stage_step == total_steps);
  }
  // A stage that goes on with max_steps lowered may have done all of them before.
  if (!progress.stage_done && progress.stage_step >= total_steps) training.after_step(trained, true);
  run.models.student->model = frozen(student);
}

}  // namespace

RunResult train(const Project& project, const std::filesystem::path& project_file, const RunFolder& folder,
                const EventSink& sink, RunControl& control, const TrainOptions& options) {
  TrainingRun run(project, project_file, folder, sink, control, options);
  RunCaches caches;
  try {
    run.open();
    while (run.next_stage()) try {
        train_stage(run, caches);
      } catch (const NotANumberError& error) {
        if (!roll_back(run.context(), error)) throw;
      }
    return run.finish();
  } catch (const std::exception& error) {
    run.fail(error);
    throw;
  }
}

}  // namespace llavakd
