// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/observers/checkpointer.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/byte_size.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/training_state.h"
#include "core/project/project_file.h"
#include "core/run/disk_use.h"
#include "core/run/retention.h"
#include "core/training/disk_guard.h"

namespace llavakd {

void Checkpointer::after_step(const Trained& trained, bool stage_done) {
  if (stage_done) return;
  wait_for_room(run_, expected_bytes(trained));
  const int64_t save_every = run_.project.run.checkpoint_every;
  const bool asked = run_.control.take_save_request();
  if (asked || (save_every > 0 && run_.state.progress.stage_step % save_every == 0)) save(trained);
}

void Checkpointer::after_stage(const Trained& trained) {
  run_.control.take_save_request();
  save(trained);
}

void Checkpointer::save(const Trained& trained) {
  if (!run_.communicator->is_leader()) return;
  const TrainProgress& progress = run_.state.progress;
  // Nothing is gained by a copy of what the run started from; but that a stage is done, which a lowered max_steps may
  // say of a checkpoint within it, must be written.
  if (progress.stage_step == 0 || (progress.step == run_.state.saved_at && !progress.stage_done)) return;
  if (!has_room(trained)) return;
  run_.record->finish_comparing_inputs();
  const auto write_model = [&](const std::filesystem::path& folder) {
    ModelConfig config = trained.student.config();
    // What it was trained with from here on.
    config.image_aspect_ratio = run_.project.image.aspect_ratio;
    config.conversation_template = run_.project.conversation_template;
    write_checkpoint(
        folder, config, trained.student.parameters(),
        {.precision = precision_of(run_.project.run.precision),
         .tokenizer_from = run_.state.has_checkpoint() ? run_.state.checkpoint / "model" : run_.models.student->folder,
         .processor_from = student_source()});
  };
  run_.state.progress.log = run_.record->log_mark();
  // A finished stage's optimizer is never needed again.
  TrainingState state{.optimizer = progress.stage_done ? TensorMap{} : trained.optimizer.state(),
                      .state = to_json(progress, run_.project)};
  if (run_.state.totals_of > 0)
    state.state["mean_total"] = run_.state.totals / static_cast<double>(run_.state.totals_of);
  run_.state.checkpoint =
      save_training_checkpoint(run_.folder.checkpoints(), progress.stage, progress.step, write_model, state, 0);
  run_.state.saved_at = progress.step;
  run_.state.totals = 0;
  run_.state.totals_of = 0;
  other_bytes_ += bytes_below(run_.state.checkpoint) - expected_bytes(trained);
  run_.emit(CheckpointEvent{.path = fmt::format("checkpoints/{}", run_.state.checkpoint.filename().string())});
  remove_old();
}

bool Checkpointer::has_room(const Trained& trained) {
  const TrainProgress& progress = run_.state.progress;
  const bool last = progress.stage_done && progress.stage_index + 1 == run_.stages.size();
  const int64_t bytes = expected_bytes(trained);
  // What is written now must leave the room that the next one needs.
  wait_for_room(run_, last ? bytes : bytes + std::max<int64_t>(0, bytes - bytes_to_be_freed()));
  if (run_.control.state() != RunControl::State::paused) return true;
  const int64_t left = bytes_left(run_);
  if (left < 0 || left >= bytes) return true;
  run_.warn(fmt::format("The run isn't saved: the disk has {} left, and a checkpoint needs {}.", size_text(left),
                        size_text(bytes)));
  return false;
}

int64_t Checkpointer::expected_bytes(const Trained& trained) {
  if (measured_stage_ != run_.state.progress.stage_index) {
    measured_stage_ = run_.state.progress.stage_index;
    weights_bytes_ = optimizer_bytes_ = 0;
    const auto bytes_of_weight = static_cast<int64_t>(at::elementSize(precision_of(run_.project.run.precision)));
    for (const auto& [name, tensor] : trained.student.parameters()) {
      weights_bytes_ += tensor.numel() * bytes_of_weight;
      // AdamW keeps two float32 of each weight, and three of a half one.
      if (tensor.requires_grad()) optimizer_bytes_ += tensor.numel() * (tensor.element_size() < 4 ? 12 : 8);
    }
  }
  return weights_bytes_ + other_bytes_ + (run_.state.progress.stage_done ? 0 : optimizer_bytes_);
}

int64_t Checkpointer::bytes_to_be_freed() const {
  const TrainProgress& progress = run_.state.progress;
  std::vector<RunCheckpoint> checkpoints = run_checkpoints(run_.folder);
  for (RunCheckpoint& checkpoint : checkpoints) checkpoint.newest = false;
  checkpoints.push_back({.step = progress.step,
                         .stage_index = static_cast<int64_t>(progress.stage_index),
                         .stage_step = progress.stage_step,
                         .stage_done = progress.stage_done,
                         .newest = true});
  int64_t bytes = 0;
  for (const RunCheckpoint& checkpoint :
       surplus_checkpoints(checkpoints, static_cast<int64_t>(progress.stage_index), retention_rules(run_.project.run)))
    bytes += checkpoint.bytes;
  return bytes;
}

void Checkpointer::remove_old() {
  const auto stage = static_cast<int64_t>(run_.state.progress.stage_index);
  for (const RunCheckpoint& checkpoint :
       surplus_checkpoints(run_checkpoints(run_.folder), stage, retention_rules(run_.project.run)))
    if (checkpoint.folder != run_.state.checkpoint) remove_checkpoint(checkpoint.folder);
}

// What the student was opened from may be an old checkpoint of the run, which is removed in time: the newest stays.
std::filesystem::path Checkpointer::student_source() const {
  if (run_.state.has_checkpoint()) return run_.state.checkpoint / "model";
  const StudentOptions& options = run_.project.student;
  return resolve(run_.project_file, options.checkpoint.empty() ? options.vision_tower : options.checkpoint);
}

}  // namespace llavakd
