// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_run.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/training_state.h"
#include "core/data/data_check.h"
#include "core/io/json_file.h"
#include "core/model_spec/model_facts.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/training/autotune_kernels.h"
#include "core/training/describe_error.h"
#include "core/training/stage.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

TrainingRun::TrainingRun(const Project& p, std::filesystem::path file, const RunFolder& run, const EventSink& sink,
                         RunControl& control, const TrainOptions& options)
    : project(p),
      project_file(std::move(file)),
      stages(scheduled_stages(p)),
      run_(run),
      sink_(sink),
      control_(control),
      options_(options),
      early_warnings_(options.warnings) {}

void TrainingRun::open() {
  if (stages.empty())
    throw UserError(fmt::format("{} has no stages, so there is nothing to train.", project_file.string()));
  const int64_t asked = options_.threads > 0 ? options_.threads : project.run.threads;
  at::set_num_threads(static_cast<int>(asked > 0 ? asked : usable_cores()));
  lock_.emplace(run_);
  open_checkpoint_of_run();
  const bool goes_on = saved_at_ >= 0;
  RunOrigin origin = compared_origin();
  record_.emplace(run_, sink_, goes_on ? std::optional(position) : std::nullopt, options_.resume);
  const auto changes = record_->announce(project, std::move(origin), position);
  std::vector<PlannedStage> plan;
  for (const StageOptions& stage : stages) {
    const int64_t count = dataset_of(stage)->size();
    plan.push_back({.name = stage.name, .steps = stage_steps(stage, count)});
  }
  if (goes_on)
    emit(RunResumedEvent{.run = run_.id(), .checkpoint = checkpoint_.filename().string(), .stages = std::move(plan)});
  else
    emit(RunStartedEvent{
        .run = run_.id(), .stages = std::move(plan), .seed = project.run.seed, .threads = at::get_num_threads()});
  for (const std::string& warning : early_warnings_) warn(warning);
  name_changes(changes);
  name_faults();
  name_passed_over();
  open_models();
}

std::shared_ptr<const Dataset> TrainingRun::dataset_of(const StageOptions& stage) {
  const auto file = resolve(project_file, stage.data);
  if (file.empty()) throw UserError(fmt::format("Stage {} has no data file: choose one.", stage.name));
  auto& dataset = datasets_[file];
  if (!dataset) dataset = open_dataset(file);
  return dataset;
}

void TrainingRun::name_faults() {
  for (const auto& [file, dataset] : datasets_) {
    const std::string name = file.filename().string();
    for (const std::string& note : dataset->notes()) warn(fmt::format("{}: {}", name, note));
    if (dataset->faults().empty()) continue;
    warn(fmt::format("{}: {} of {} samples can't be used: {}.", name, dataset->faults().size(), dataset->entries(),
                     first_faults(dataset->faults())));
  }
}

/// What opening the models passes over or fills in, from the folders that the project names.
void TrainingRun::name_passed_over() {
  const StudentOptions& from = project.student;
  for (const auto& [who, folder] :
       {std::pair("student", from.checkpoint), std::pair("student", from.language_model),
        std::pair("student", from.vision_tower), std::pair("teacher", project.teacher.checkpoint)}) {
    const bool unused = from.checkpoint != folder && !from.checkpoint.empty() && who == std::string_view("student");
    if (folder.empty() || unused) continue;
    for (const std::string& warning : read_model_facts(resolve(project_file, folder)).warnings)
      warn(fmt::format("The {}: {}", who, warning));
  }
}

StageDataOptions TrainingRun::data_options() {
  const StageOptions& stage = stages[position.stage_index];
  return {.stage = stage,
          .dataset = dataset_of(stage),
          .images_folder = images_folder(project_file, stage.data, stage.images),
          .conversation_template =
              stage.conversation_template.empty() ? project.conversation_template : stage.conversation_template,
          .aspect = aspect_ratio_from_name(project.image.aspect_ratio),
          .max_length = project.max_length,
          .seed = stage_seed(project.run.seed, position.stage_index),
          .first_step = position.stage_step,
          .workers = project.run.workers > 0 ? static_cast<int>(project.run.workers)
                                             : static_cast<int>(std::clamp(usable_cores() / 2, 1, 4)),
          .has_features = {}};
}

void TrainingRun::open_models() {
  const OpenOptions how = open_options();
  if (!student) student.emplace(load_student(project, project_file, how));
  if (opens_teacher(project)) teacher.emplace(load_teacher(project, project_file, how));
  if (teacher) check_pair();
  constexpr int64_t text_tokens = 96;
  const int64_t tokens = std::min(project.max_length, student->model.config().visual_tokens() + text_tokens);
  // A job that shares the machine with others is measured as if it had it alone, so that it computes what it would
  // then.
  const int64_t threads = project.run.threads > 0 ? project.run.threads : usable_cores();
  const std::string kept = position.kernels.empty() ? options_.kernels : position.kernels;
  const std::string was = std::exchange(position.kernels, autotune_kernels(kept, student->model, tokens, threads));
  if (!was.empty() && was != position.kernels)
    warn(
        fmt::format("The run was computed by ways that aren't known here ({}). It goes on by others, whose results may "
                    "differ in the last bits.",
                    was));
  record_->note_kernels(position.kernels);
}

void TrainingRun::check_pair() {
  refuse_misfit(*teacher, *student);
  if (teacher->processor != student->processor)
    throw UserError(
        fmt::format("The teacher ({}) prepares pictures in another way than the student ({}): size, crop, mean "
                    "or std of their preprocessor_config.json differ. Both see the same pixels, so use towers "
                    "of one kind.",
                    teacher->folder.string(), student->folder.string()));
  const int64_t teacher_words = teacher->model.head_weight().size(0), words = student->model.head_weight().size(0);
  if (teacher_words != words)
    warn(fmt::format("The teacher has {} logits, the student {}: the first {} are compared.", teacher_words, words,
                     std::min(teacher_words, words)));
  shared_tower = same_tower(teacher->model, student->model);
}

bool TrainingRun::next_stage() {
  if (stopped_) return false;
  if (position.stage_done) {
    if (position.stage_index + 1 == stages.size()) return false;
    stopped_ = control_.state() == RunControl::State::stopping;
    if (stopped_) return false;
    ++position.stage_index;
    position.stage = stages[position.stage_index].name;
    position.stage_step = 0;
    position.stage_done = false;
    position.learnt = false;
  }
  return true;
}

void TrainingRun::begin_stage(const MultimodalModel& trained, int64_t total_steps, int64_t samples) {
  record_->begin();
  record_->note_stage(position, stages[position.stage_index], project);
  if (position.stage_step > 0) return;
  int64_t parameters = 0;
  for (const auto& [name, tensor] : trained_parameters(trained)) parameters += tensor.numel();
  emit(StageStartedEvent{.steps = total_steps,
                         .samples = samples,
                         .train = stages[position.stage_index].train,
                         .trained_parameters = parameters});
  if (position.step == 0) look_at_probes(trained);
}

bool TrainingRun::may_go_on(const MultimodalModel& trained, const AdamW& optimizer) {
  if (control_.state() == RunControl::State::paused) {
    record_->set_status("paused");
    emit(PausedEvent{});
    while (control_.state() == RunControl::State::paused) {
      if (control_.take_save_request()) save(trained, optimizer);
      control_.wait_for_request();
    }
    if (control_.state() != RunControl::State::stopping) {
      record_->set_status("running");
      emit(UnpausedEvent{});
    }
  }
  // A run that has done nothing yet does a step first: there is nothing to save otherwise, and a stopped run is a saved
  // one.
  if (control_.state() != RunControl::State::stopping || position.step == 0) return true;
  stopped_ = true;
  save(trained, optimizer);
  return false;
}

void TrainingRun::after_step(const MultimodalModel& trained, const AdamW& optimizer, bool stage_done) {
  const int64_t probe_every = project.probe_every, save_every = project.run.checkpoint_every;
  if (stage_done || (probe_every > 0 && position.step % probe_every == 0)) look_at_probes(trained);
  if (stage_done) {
    refuse_unlearnt_stage();
    position.stage_done = true;
    emit(StageFinishedEvent{.steps = position.stage_step});
  }
  const bool asked = control_.take_save_request();
  if (stage_done || asked || (save_every > 0 && position.stage_step % save_every == 0)) save(trained, optimizer);
}

void TrainingRun::save(const MultimodalModel& trained, const AdamW& optimizer) {
  // Nothing is gained by a copy of what the run started from; but that a stage is done, which a lowered max_steps may
  // say of a checkpoint within it, must be written.
  if (position.stage_step == 0 || (position.step == saved_at_ && !position.stage_done)) return;
  record_->settle_inputs();
  const auto write_model = [&](const std::filesystem::path& folder) {
    ModelConfig config = trained.config();
    config.image_aspect_ratio = project.image.aspect_ratio;  // what it was trained with from here on
    write_checkpoint(folder, config, trained.parameters(),
                     {.precision = precision_of(project.run.precision),
                      .tokenizer_from = has_checkpoint() ? checkpoint_ / "model" : student->folder,
                      .processor_from = student_source()});
  };
  // A finished stage's optimizer is never needed again.
  const TrainingState state{.optimizer = position.stage_done ? TensorMap{} : optimizer.state(),
                            .state = to_json(position, project)};
  checkpoint_ = save_training_checkpoint(run_.checkpoints(), position.stage, position.step, write_model, state, 0);
  saved_at_ = position.step;
  emit(CheckpointEvent{.path = fmt::format("checkpoints/{}", checkpoint_.filename().string())});
  remove_old_checkpoints();
}

void TrainingRun::remove_old_checkpoints() {
  std::vector<std::filesystem::path> within;
  for (const auto& folder : list_training_checkpoints(run_.checkpoints())) {
    try {
      const Json state = read_json(folder / "state.json");
      if (!state.value("stage_done", true) && state.value("stage_index", size_t{0}) == position.stage_index)
        within.push_back(folder);
    } catch (const std::exception&) {
      continue;  // an old one's damage is no reason to end a healthy run
    }
  }
  const auto keep = static_cast<size_t>(std::max<int64_t>(1, project.run.keep_checkpoints));
  for (size_t i = 0; i + keep < within.size(); ++i)
    if (within[i] != checkpoint_) remove_checkpoint(within[i]);
}

RunResult TrainingRun::finish() {
  record_->begin();
  record_->settle_inputs();
  if (!stopped_ && options_.evaluate) evaluate();
  const std::string status = stopped_ ? "stopped" : "finished";
  if (position.skipped > 0)
    warn(fmt::format("{} of {} samples that were gone through couldn't be used.", position.skipped,
                     position.skipped + position.samples));
  emit(RunFinishedEvent{
      .status = status, .steps = position.step, .samples = position.samples, .skipped = position.skipped});
  record_->set_status(status);
  return {.stopped = stopped_, .steps = position.step, .checkpoint = checkpoint_};
}

void TrainingRun::fail(const std::exception& error) {
  if (!record_) return;
  try {
    emit(
        FailedEvent{.message = describe_error(error), .kind = dynamic_cast<const UserError*>(&error) ? "user" : "run"});
    record_->set_status("failed");
  } catch (const std::exception&) {
    // The disk may be what failed: the first error says more than this one.
  }
}

void TrainingRun::emit(EventBody body) {
  record_->emit(std::move(body), position);
}

// What the student was opened from may be an old checkpoint of the run, which is removed in time: the newest stays.
bool TrainingRun::has_checkpoint() const {
  return !checkpoint_.empty() && std::filesystem::exists(checkpoint_ / "model");
}

std::filesystem::path TrainingRun::student_source() const {
  if (has_checkpoint()) return checkpoint_ / "model";
  const StudentOptions& options = project.student;
  return resolve(project_file, options.checkpoint.empty() ? options.vision_tower : options.checkpoint);
}

}  // namespace llavakd
