// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Where a run goes on from.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "core/checkpoint/training_state.h"
#include "core/project/errors.h"
#include "core/training/training_run.h"

namespace llavakd {
namespace {

/// A run's checkpoints, the one that `latest` names before the others, of which the newest come first.
std::vector<std::filesystem::path> newest_first(const std::filesystem::path& checkpoints) {
  auto list = list_training_checkpoints(checkpoints);
  if (const auto latest = latest_training_checkpoint(checkpoints)) {
    std::erase(list, *latest);
    list.push_back(*latest);
  }
  std::ranges::reverse(list);
  return list;
}

}  // namespace

void TrainingRun::open_checkpoint_of_run() {
  position.stage = stages.front().name;
  std::vector<std::filesystem::path> checkpoints;
  if (options_.resume) checkpoints = newest_first(run_.checkpoints());
  const bool own = !checkpoints.empty();
  if (!own && options_.start_from) checkpoints.push_back(*options_.start_from);
  if (checkpoints.empty()) return;
  TrainingState state = open_first_whole(checkpoints);
  // Beyond damage: what doesn't fit the project fits it no better in an older checkpoint.
  position = read_position(state.state, project, checkpoint_ / "state.json");
  if (!position.stage_done) optimizer_state = std::move(state.optimizer);
  if (own) saved_at_ = position.step;
  if (!own && !position.stage_done)
    throw UserError(fmt::format("{} is in the middle of a stage; another run can start from a stage's end only.",
                                checkpoint_.string()));
}

/// Opens the student and the state of the first that isn't damaged; throws the first one's error where all are.
TrainingState TrainingRun::open_first_whole(const std::vector<std::filesystem::path>& checkpoints) {
  const OpenOptions how = open_options();
  std::exception_ptr first_error;
  for (const auto& checkpoint : checkpoints) try {
      TrainingState state = read_training_state(checkpoint);
      student.emplace(load_model(checkpoint / "model", how));
      checkpoint_ = checkpoint;
      return state;
    } catch (const UserError& error) {
      if (!first_error) first_error = std::current_exception();
      early_warnings_.push_back(fmt::format("The checkpoint {} is left out, because it can't be opened: {}",
                                            checkpoint.filename().string(), error.what()));
    }
  std::rethrow_exception(first_error);
}

OpenOptions TrainingRun::open_options() const {
  return {.precision = precision_of(project.run.precision), .device = device_of(project.run.device)};
}

}  // namespace llavakd
