// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/checkpoint_state.h"

#include <fmt/format.h>

#include <optional>
#include <system_error>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {

CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint) {
  const std::filesystem::path file = checkpoint / "state.json", optimizer = checkpoint / "optimizer.safetensors";
  // Opening a pipe would wait for a writer.
  std::error_code error;
  for (const auto& each : {file, optimizer})
    if (!std::filesystem::is_regular_file(each, error))
      throw UserError(fmt::format("{} is missing, or not an ordinary file.", each.string()));
  CheckpointState state{.json = read_json(file), .progress = {}};
  state.progress = read_train_progress(state.json, file);
  const TrainProgress& at = state.progress;
  if (checkpoint.filename() != fmt::format("{}-{}", at.stage, at.step))
    throw UserError(fmt::format("{} is damaged: it says stage {}, step {}.", file.string(), at.stage, at.step));
  // Only within a stage there is an optimizer to go on with.
  if (at.stage_done != open_safetensors(optimizer).tensors.empty())
    throw UserError(
        fmt::format("{} is damaged: it says that the stage {} done, but {} optimizer's state is next to it.",
                    file.string(), at.stage_done ? "is" : "isn't", at.stage_done ? "an" : "no"));
  return state;
}

bool has_nothing_left(const RunFolder& run, const Project& project) {
  const auto newest = latest_training_checkpoint(run.checkpoints());
  if (!newest || read_run_info(run).status != "finished") return false;
  std::optional<CheckpointState> state;
  try {
    state = read_checkpoint_state(*newest);
  } catch (const UserError&) {
    return false;  // a resume goes back to the one before
  }
  refuse_other_project(state->json, state->progress, project, *newest / "state.json");
  return state->progress.stage_done && state->progress.stage_index + 1 == scheduled_stages(project).size();
}

}  // namespace llavakd
