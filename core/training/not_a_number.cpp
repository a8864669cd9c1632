// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/not_a_number.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/run/event_log.h"
#include "core/run/run_checkpoints.h"
#include "core/training/resume.h"

namespace llavakd {
namespace {

/// The newest checkpoint of the stage that is old enough, else the last one of the stage before; nothing where the run
/// has neither.
std::optional<std::filesystem::path> checkpoint_to_go_back_to(const RunContext& run) {
  const TrainProgress& progress = run.state.progress;
  const auto stage = static_cast<int64_t>(progress.stage_index);
  const int64_t newest_step = progress.step + 1 - run.project.run.roll_back_steps;
  std::optional<std::filesystem::path> found;
  for (const RunCheckpoint& each : run_checkpoints(run.folder)) {
    const bool ends_stage_before = each.stage_done && each.stage_index + 1 == stage;
    const bool is_old_enough = each.stage_index == stage && !each.stage_done && each.step <= newest_step;
    if (ends_stage_before || is_old_enough) found = each.folder;
  }
  return found;
}

/// Name of a pinned checkpoint that the run would write over on its way from there, or empty. A person wants to keep
/// it.
std::string pinned_after(const RunContext& run, const std::optional<std::filesystem::path>& checkpoint) {
  bool is_later = !checkpoint;
  for (const RunCheckpoint& each : run_checkpoints(run.folder)) {  // by their steps
    if (is_later && each.pinned) return each.name;
    is_later = is_later || each.folder == *checkpoint;
  }
  return "";
}

void remove_later_checkpoints(const RunContext& run) {
  for (const RunCheckpoint& each : run_checkpoints(run.folder))
    if (each.step > run.state.progress.step) remove_checkpoint(each.folder);
}

constexpr const char* goes_back = "The run goes back to step";

/// What the log says of the stage's roll backs.
std::vector<std::string> told_roll_backs(const RunContext& run, const std::string& stage) {
  constexpr size_t piece = size_t{4} << 20;
  std::vector<std::string> told;
  EventReader record(run.folder.events());
  bool more = true;
  while (more)
    more = record.read_some(piece, [&](Event& event) {
      const auto* warning = event.as<WarningEvent>();
      if (warning && event.stage == stage && warning->message.find(goes_back) != std::string::npos)
        told.push_back(warning->message);
    });
  return told;
}

}  // namespace

StepResult step_on_numbers(RunContext& run, TrainingStep& train_on, StepBatch& batch, double learning_rate) {
  const RunOptions& options = run.project.run;
  TrainProgress& progress = run.state.progress;
  for (;;) try {
      return train_on(batch, learning_rate);
    } catch (const SampleError& error) {
      // The others of several processes would wait for this one's step.
      if (options.not_a_number != "skip_sample" || run.communicator->world_size() > 1) throw;
      if (progress.not_a_number >= options.most_samples_left_out)
        throw NotANumberError(
            fmt::format("{} {} samples were left out for that before, as many as "
                        "run.most_samples_left_out allows.",
                        error.what(), progress.not_a_number));
      const int64_t before = batch.samples;
      batch = without_sample(batch, error.sample(), "its loss or gradient is not a number");
      progress.not_a_number += before - batch.samples;
      run.warn(fmt::format("{}. It is left out of step {} (run.not_a_number).", error.finding(), progress.step + 1));
    }
}

bool roll_back(RunContext& run, const NotANumberError& error) {
  const RunOptions& options = run.project.run;
  const TrainProgress before = run.state.progress;
  if (options.not_a_number != "roll_back" || run.communicator->world_size() > 1 || !run.record) return false;
  if (before.roll_backs >= options.most_roll_backs) return false;
  const auto checkpoint = checkpoint_to_go_back_to(run);
  // Somebody has removed the last one of the stage before: other stages aren't done again for this.
  if (!checkpoint && before.stage_index > 0 && !run.options.start_from) return false;
  if (const std::string pinned = pinned_after(run, checkpoint); !pinned.empty()) {
    run.warn(fmt::format("The run doesn't go back: it would write over the checkpoint {}, which is pinned.", pinned));
    return false;
  }
  // What is kept from now on was computed from inputs that are what they were.
  run.record->finish_comparing_inputs();
  go_back(run, checkpoint);
  if (run.state.progress.stage_done) run.enter_next_stage();
  run.state.progress.roll_backs = before.roll_backs + 1;
  run.state.progress.rate_factor = before.rate_factor * options.roll_back_rate;
  remove_later_checkpoints(run);
  const std::vector<std::string> told = told_roll_backs(run, before.stage);
  run.record->go_back(run.state.progress.step, checkpoint.has_value());
  // What is cut off the log with the steps is said again: how often the run went back belongs to its record.
  for (size_t i = told_roll_backs(run, before.stage).size(); i < told.size(); ++i) run.warn(told[i]);
  run.warn(
      fmt::format("Step {}: {} {} {} and on with {:.4g} times the learning rate "
                  "(run.not_a_number).",
                  before.step + 1, error.what(), goes_back, run.state.progress.step, run.state.progress.rate_factor));
  return true;
}

}  // namespace llavakd
