// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/observers/checkpointer.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/training_state.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"

namespace llavakd {

void Checkpointer::after_step(const Trained& trained, bool stage_done) {
  if (stage_done) return;
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
  run_.record->finish_comparing_inputs();
  const auto write_model = [&](const std::filesystem::path& folder) {
    ModelConfig config = trained.student.config();
    config.image_aspect_ratio = run_.project.image.aspect_ratio;  // what it was trained with from here on
    write_checkpoint(
        folder, config, trained.student.parameters(),
        {.precision = precision_of(run_.project.run.precision),
         .tokenizer_from = run_.state.has_checkpoint() ? run_.state.checkpoint / "model" : run_.models.student->folder,
         .processor_from = student_source()});
  };
  // A finished stage's optimizer is never needed again.
  const TrainingState state{.optimizer = progress.stage_done ? TensorMap{} : trained.optimizer.state(),
                            .state = to_json(progress, run_.project)};
  run_.state.checkpoint =
      save_training_checkpoint(run_.folder.checkpoints(), progress.stage, progress.step, write_model, state, 0);
  run_.state.saved_at = progress.step;
  run_.emit(CheckpointEvent{.path = fmt::format("checkpoints/{}", run_.state.checkpoint.filename().string())});
  remove_old();
}

void Checkpointer::remove_old() {
  std::vector<std::filesystem::path> within;
  for (const auto& folder : list_training_checkpoints(run_.folder.checkpoints())) {
    try {
      const nlohmann::ordered_json state = read_json(folder / "state.json");
      if (!state.value("stage_done", true) && state.value("stage_index", size_t{0}) == run_.state.progress.stage_index)
        within.push_back(folder);
    } catch (const std::exception&) {
      continue;  // an old one's damage is no reason to end a healthy run
    }
  }
  const auto keep = static_cast<size_t>(std::max<int64_t>(1, run_.project.run.keep_checkpoints));
  for (size_t i = 0; i + keep < within.size(); ++i)
    if (within[i] != run_.state.checkpoint) remove_checkpoint(within[i]);
}

// What the student was opened from may be an old checkpoint of the run, which is removed in time: the newest stays.
std::filesystem::path Checkpointer::student_source() const {
  if (run_.state.has_checkpoint()) return run_.state.checkpoint / "model";
  const StudentOptions& options = run_.project.student;
  return resolve(run_.project_file, options.checkpoint.empty() ? options.vision_tower : options.checkpoint);
}

}  // namespace llavakd
