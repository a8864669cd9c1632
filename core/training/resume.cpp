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

/// Throws UserError where the state can't be that of the checkpoint that it lies in.
void refuse_foreign_state(const TrainingState& state, const Position& at, const std::filesystem::path& checkpoint) {
  if (checkpoint.filename() != fmt::format("{}-{}", at.stage, at.step))
    throw UserError(fmt::format("{} is damaged: it says stage {}, step {}.", (checkpoint / "state.json").string(),
                                at.stage, at.step));
  // Only within a stage there is an optimizer to go on with.
  if (at.stage_done != state.optimizer.empty())
    throw UserError(fmt::format("{} is damaged: it says that the stage {} done, but {} optimizer's state is beside it.",
                                (checkpoint / "state.json").string(), at.stage_done ? "is" : "isn't",
                                at.stage_done ? "an" : "no"));
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
  refuse_other_project(state.state, position, project, checkpoint_ / "state.json");
  if (!position.stage_done) optimizer_state = std::move(state.optimizer);
  if (own) saved_at_ = position.step;
  if (!own && !position.stage_done)
    throw UserError(fmt::format("{} is in the middle of a stage; another run can start from a stage's end only.",
                                checkpoint_.string()));
}

/// Opens the student, the state and the position of the first that isn't damaged; throws the first one's error where
/// all are.
TrainingState TrainingRun::open_first_whole(const std::vector<std::filesystem::path>& checkpoints) {
  const OpenOptions how = open_options();
  std::exception_ptr first_error;
  for (const auto& checkpoint : checkpoints) try {
      const bool verified = verify_checkpoint(checkpoint);
      TrainingState state = read_training_state(checkpoint);
      position = read_position(state.state, checkpoint / "state.json");
      refuse_foreign_state(state, position, checkpoint);
      student.emplace(load_model(checkpoint / "model", how));
      checkpoint_ = checkpoint;
      if (!verified)
        early_warnings_.push_back(fmt::format(
            "The checkpoint {} holds no checksums, as those of earlier versions, so damage within its files "
            "can't be noticed.",
            checkpoint.filename().string()));
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
