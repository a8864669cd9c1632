// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_run.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/data/data_check.h"
#include "core/model_spec/model_facts.h"
#include "core/project/project_file.h"
#include "core/run/finish_roll_back.h"
#include "core/training/describe_error.h"
#include "core/training/left_out_samples.h"
#include "core/training/resume.h"
#include "core/training/sample_error.h"
#include "core/training/stage.h"

namespace llavakd {
namespace {

void warn_of_data_faults(RunContext& run) {
  for (const auto& [file, dataset] : run.datasets) {
    const std::string name = file.filename().string();
    for (const std::string& note : dataset->notes()) run.warn(fmt::format("{}: {}", name, note));
    if (dataset->faults().empty()) continue;
    run.warn(fmt::format("{}: {} of {} samples can't be used: {}.", name, dataset->faults().size(), dataset->entries(),
                         first_faults(dataset->faults())));
  }
}

/// What opening the models passes over or fills in, from the folders that the project names.
void warn_of_model_facts(RunContext& run) {
  const StudentOptions& from = run.project.student;
  for (const auto& [who, folder] :
       {std::pair("student", from.checkpoint), std::pair("student", from.language_model),
        std::pair("student", from.vision_tower), std::pair("teacher", run.project.teacher.checkpoint)}) {
    const bool unused = from.checkpoint != folder && !from.checkpoint.empty() && who == std::string_view("student");
    if (folder.empty() || unused) continue;
    for (const std::string& warning : read_model_facts(resolve(run.project_file, folder)).warnings)
      run.warn(fmt::format("The {}: {}", who, warning));
  }
}

}  // namespace

TrainingRun::TrainingRun(const Project& project, std::filesystem::path project_file, const RunFolder& folder,
                         const EventSink& sink, RunControl& control, const TrainOptions& options)
    : run_(project, std::move(project_file), folder, sink, control, options),
      probes_(run_),
      checkpoints_(run_),
      evaluations_(run_),
      gate_(run_, probes_, evaluations_) {
  if (run_.communicator->is_leader()) observers_ = {&probes_, &checkpoints_, &evaluations_};
}

void TrainingRun::open() {
  if (run_.stages.empty())
    throw UserError(fmt::format("{} has no stages, so there is nothing to train.", run_.project_file.string()));
  const int64_t asked = run_.options.threads > 0 ? run_.options.threads : run_.project.run.threads;
  at::set_num_threads(static_cast<int>(asked > 0 ? asked : usable_cores()));
  if (run_.communicator->is_leader()) lock_.emplace(run_.folder);
  settle_roll_back_of_run();
  open_checkpoint_of_run(run_);
  gate_.refuse_needless_pass();
  if (run_.communicator->is_leader()) open_record();
  open_models(run_);
}

/// Before any rank looks at the checkpoints.
void TrainingRun::settle_roll_back_of_run() {
  if (!run_.options.resume) return;
  if (run_.communicator->is_leader())
    if (const auto settled = settle_roll_back(run_.folder)) run_.early_warnings.push_back(to_text(*settled));
  run_.communicator->broadcast("settled");
}

void TrainingRun::open_record() {
  const bool goes_on = run_.state.saved_at >= 0;
  const TrainProgress& progress = run_.state.progress;
  RunOrigin origin = compared_origin(run_);
  run_.record.emplace(run_.folder, run_.sink, goes_on ? std::optional(progress) : std::nullopt, run_.options.resume);
  const auto changes = run_.record->announce(run_.project, std::move(origin), progress);
  std::vector<PlannedStage> plan;
  for (const StageOptions& stage : run_.stages) {
    const int64_t count = run_.dataset_of(stage)->size();
    plan.push_back({.name = stage.name, .steps = stage_steps(stage, count)});
  }
  if (goes_on)
    run_.emit(RunResumedEvent{
        .run = run_.folder.id(), .checkpoint = run_.state.checkpoint.filename().string(), .stages = std::move(plan)});
  else
    run_.emit(RunStartedEvent{.run = run_.folder.id(),
                              .stages = std::move(plan),
                              .seed = run_.project.run.seed,
                              .threads = at::get_num_threads()});
  if (const RollBackRecord* back =
          goes_on ? run_.record->roll_back_to(run_.state.checkpoint.filename().string()) : nullptr) {
    remove_what_was_left(run_.folder, progress.step, back->time);
    run_.emit(back->what);  // this resume has cut it off the log
  }
  if (!goes_on && !run_.options.estimates.empty()) run_.emit(EstimateEvent{.stages = run_.options.estimates});
  for (const std::string& warning : run_.early_warnings) run_.warn(warning);
  warn_of_changes(run_, changes);
  warn_of_data_faults(run_);
  warn_of_model_facts(run_);
}

bool TrainingRun::next_stage() {
  const TrainProgress& progress = run_.state.progress;
  if (run_.state.stopped) return false;
  if (progress.stage_done) {
    if (!passes_gate()) return false;
    if (progress.stage_index + 1 == run_.stages.size()) return false;
    run_.state.stopped = stop_requested();
    if (run_.state.stopped) return false;
    run_.enter_next_stage();
  }
  return true;
}

bool TrainingRun::passes_gate() {
  if (run_.stage().gate.empty()) return true;
  const bool here = !run_.communicator->is_leader() || gate_.passes();
  const bool passes = run_.communicator->broadcast(here ? "go on" : "stop") == "go on";
  if (!passes) run_.state.stopped = true;
  return passes;
}

void TrainingRun::begin_stage(const Trained& trained, int64_t total_steps, int64_t samples) {
  if (run_.record) {
    run_.record->begin();
    run_.record->note_stage(run_.state.progress, run_.stage(), run_.project);
  }
  if (run_.state.progress.stage_step == 0) announce_stage(trained, total_steps, samples);
  if (run_.communicator->is_leader()) gate_.begin_stage();
}

void TrainingRun::announce_stage(const Trained& trained, int64_t total_steps, int64_t samples) {
  int64_t parameters = 0;
  for (const auto& [name, tensor] : trained_parameters(trained.student)) parameters += tensor.numel();
  run_.emit(StageStartedEvent{
      .steps = total_steps, .samples = samples, .train = run_.stage().train, .trained_parameters = parameters});
  if (run_.state.progress.step == 0)
    for (RunObserver* observer : observers_) observer->before_training(trained);
}

bool TrainingRun::may_go_on(const Trained& trained) {
  if (run_.control.state() == RunControl::State::paused) pause(trained);
  // A run that has done nothing yet does a step first: there is nothing to save otherwise, and a stopped run is a saved
  // one.
  if (!stop_requested() || run_.state.progress.step == 0) return true;
  run_.state.stopped = true;
  checkpoints_.save(trained);
  return false;
}

void TrainingRun::pause(const Trained& trained) {
  RunControl& control = run_.control;
  if (run_.record) run_.record->set_status("paused");
  run_.emit(PausedEvent{});
  while (control.state() == RunControl::State::paused) {
    if (control.take_save_request()) checkpoints_.save(trained);
    control.wait_for_request();
  }
  if (control.state() == RunControl::State::stopping) return;
  if (run_.record) run_.record->set_status("running");
  run_.emit(UnpausedEvent{});
}

// The leader is steered; the others do what it was told.
bool TrainingRun::stop_requested() const {
  const bool here = run_.control.state() == RunControl::State::stopping;
  return run_.communicator->broadcast(here ? "stop" : "go on") == "stop";
}

void TrainingRun::after_step(const Trained& trained, bool stage_done) {
  for (RunObserver* observer : observers_) observer->after_step(trained, stage_done);
  if (!stage_done) return;
  refuse_unlearnt_stage(run_);
  run_.state.progress.stage_done = true;
  run_.emit(StageFinishedEvent{.steps = run_.state.progress.stage_step});
  for (RunObserver* observer : observers_) observer->after_stage(trained);
}

RunResult TrainingRun::finish() {
  const TrainProgress& progress = run_.state.progress;
  if (run_.record) {
    run_.record->begin();
    run_.record->finish_comparing_inputs();
  }
  if (!run_.state.stopped && run_.options.evaluate)
    for (RunObserver* observer : observers_) observer->after_training();
  const std::string status = run_.state.stopped ? "stopped" : "finished";
  if (progress.skipped > 0)
    run_.warn(fmt::format("{} of {} samples that were gone through couldn't be used.", progress.skipped,
                          progress.skipped + progress.samples));
  run_.emit(RunFinishedEvent{
      .status = status, .steps = progress.step, .samples = progress.samples, .skipped = progress.skipped});
  if (run_.record) run_.record->set_status(status);
  return {.stopped = run_.state.stopped,
          .steps = progress.step,
          .checkpoint = run_.state.checkpoint,
          .unmet_gate = run_.state.unmet_gate,
          .roll_back = run_.state.roll_back};
}

void TrainingRun::fail(const std::exception& error) {
  if (!run_.record) return;
  try {
    FailedEvent failed{.message = describe_error(error),
                       .kind = dynamic_cast<const UserError*>(&error) ? "user" : "run",
                       .cause = dynamic_cast<const NotANumberError*>(&error) ? "not_a_number" : ""};
    if (const auto* of_sample = dynamic_cast<const SampleError*>(&error)) failed.sample = of_sample->sample();
    run_.emit(failed);
    run_.record->set_status("failed");
  } catch (const std::exception&) {
    // The disk may be what failed: the first error says more than this one.
  }
}

}  // namespace llavakd
