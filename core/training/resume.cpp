// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/checkpoint/training_state.h"
#include "core/data/project_inputs.h"
#include "core/run/checkpoint_state.h"
#include "core/run/compared_log.h"
#include "core/run/event_log.h"
#include "core/training/machine_facts.h"

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

/// Throws UserError where the checkpoints are gone that the run says it wrote: to start over would lose its record,
/// too.
void refuse_lost_checkpoints(const RunFolder& run) {
  if (has_checkpoint_event(run.events()))
    throw UserError(
        fmt::format("The run {} has written checkpoints, but {} holds none that is whole. Put them back, or "
                    "start a new run.",
                    run.id(), run.checkpoints().string()));
  EventReader record(run.events());
  record.read();
  if (record.met_newer_format())
    throw UserError(
        fmt::format("The run {} was written by a newer version of LLaVA-KD Studio, and {} holds no checkpoint to go on "
                    "from. Resume it by that version, or start a new run.",
                    run.id(), run.checkpoints().string()));
}

/// What of the run's record up to the step is gone, as a sentence, or nothing. Earlier versions didn't note where a run
/// began.
std::optional<std::string> lost_record(const RunFolder& run, const std::vector<Event>& events, bool has_checkpoint,
                                       int64_t step) {
  const RunInfo info = read_run_info(run);
  if (info.stages.empty()) return std::nullopt;
  const int64_t begun_at = info.stages.front().from_step;
  std::set<int64_t> recorded;
  for (const Event& event : events)
    if (event.is<StepEvent>() && event.step > begun_at) recorded.insert(event.step);
  if (!has_checkpoint)
    return recorded.empty()
               ? "The run has neither a checkpoint nor a record of its steps, so it starts from the beginning."
               : fmt::format(
                     "The run has no checkpoint yet, so it starts from the beginning: its {} steps are done again.",
                     recorded.size());
  const int64_t kept = std::ranges::count_if(recorded, [&](int64_t each) { return each <= step; });
  if (kept >= step - begun_at) return std::nullopt;
  return fmt::format("{} has lost {} of the {} steps up to the checkpoint: curves lack them, the result doesn't.",
                     run.events().filename().string(), step - begun_at - kept, step - begun_at);
}

/// What of the run's probes up to the step is gone, as a sentence, or nothing.
std::optional<std::string> lost_probes(const RunFolder& run, const std::vector<Event>& events, int64_t step) {
  std::vector<std::string> gone;
  std::error_code error;
  for (const Event& event : events) {
    const auto* probe = event.as<ProbeEvent>();
    if (probe && event.step <= step && !std::filesystem::is_directory(run.path / probe->folder, error))
      gone.push_back(probe->folder);
  }
  if (gone.empty()) return std::nullopt;
  return fmt::format("Of the run's probes {} gone, the first is {}: Inspect lacks them, the result doesn't.",
                     gone.size() == 1 ? "one is" : fmt::format("{} are", gone.size()), gone.front());
}

/// Throws UserError where the optimizer's state is that of another model than the one next to it. Of a whole parameter
/// there are moments of its shape, of a half one its float32 weights too.
void refuse_unfit_optimizer(const TensorMap& optimizer, const TensorMap& parameters,
                            const std::filesystem::path& checkpoint) {
  for (const auto& [name, tensor] : optimizer) {
    const size_t slash = name.find('/');
    if (slash == std::string::npos) continue;
    const auto parameter = parameters.find(name.substr(slash + 1));
    if (parameter == parameters.end() || parameter->second.sizes() != tensor.sizes())
      throw UserError(fmt::format("{} is damaged: its {} {}.", (checkpoint / "optimizer.safetensors").string(), name,
                                  parameter == parameters.end() ? "is of no parameter of the model"
                                                                : "has another shape than the model's parameter"));
  }
}

/// Says what of the run's record isn't as it was written. Of earlier versions nothing is known.
void warn_of_changed_log(RunContext& run) {
  const auto saved = log_mark_from_text(run.state.progress.log);
  if (!saved) return;
  std::string faults;
  for (const std::string& fault : compare_log(run.folder.events(), saved).faults) faults += fault + ' ';
  if (!faults.empty())
    run.early_warnings.push_back(fmt::format(
        "The run's record isn't what was written: {}Curves may lack what is lost, the result doesn't.", faults));
}

/// Names the checkpoints beyond this step that lack a file: no list shows them.
void warn_of_incomplete(RunContext& run) {
  for (const IncompleteCheckpoint& each : incomplete_checkpoints(run.folder.checkpoints()))
    if (each.step > run.state.progress.step)
      run.early_warnings.push_back(fmt::format("The checkpoint {} is left out, because its {} is missing.",
                                               each.folder.filename().string(), each.missing));
}

/// Opens the student, the state and the progress of the first that isn't damaged; throws the first one's error where
/// all are.
TrainingState open_first_whole(RunContext& run, const std::vector<std::filesystem::path>& checkpoints) {
  const OpenOptions how = open_options(run.project);
  std::exception_ptr first_error;
  for (const auto& checkpoint : checkpoints) try {
      const bool verified = verify_checkpoint(checkpoint);
      TrainingState state = read_training_state(checkpoint);
      run.state.progress = read_checkpoint_state(checkpoint).progress;
      run.models.student.emplace(load_model(checkpoint / "model", how));
      refuse_unfit_optimizer(state.optimizer, run.models.student->model.parameters(), checkpoint);
      run.state.checkpoint = checkpoint;
      if (!verified)
        run.early_warnings.push_back(fmt::format(
            "The checkpoint {} holds no checksums, as those of earlier versions, so damage within its files "
            "can't be noticed.",
            checkpoint.filename().string()));
      return state;
    } catch (const UserError& error) {
      if (!first_error) first_error = std::current_exception();
      run.early_warnings.push_back(fmt::format("The checkpoint {} is left out, because it can't be opened: {}",
                                               checkpoint.filename().string(), error.what()));
    }
  std::rethrow_exception(first_error);
}

}  // namespace

void open_checkpoint_of_run(RunContext& run) {
  run.state.progress.stage = run.stages.front().name;
  std::vector<std::filesystem::path> checkpoints;
  if (run.options.resume) checkpoints = newest_first(run.folder.checkpoints());
  const bool own = !checkpoints.empty();
  if (run.options.resume && !own) refuse_lost_checkpoints(run.folder);
  if (!own && run.options.start_from) checkpoints.push_back(*run.options.start_from);
  if (checkpoints.empty()) return;
  TrainingState state = open_first_whole(run, checkpoints);
  // Beyond damage: what doesn't fit the project fits it no better in an older checkpoint.
  refuse_other_project(state.state, run.state.progress, run.project, run.state.checkpoint / "state.json");
  if (!run.state.progress.stage_done) run.models.optimizer_state = std::move(state.optimizer);
  if (own) {
    run.state.saved_at = run.state.progress.step;
    warn_of_incomplete(run);
  } else {
    run.state.progress.log.clear();  // it is another run's
  }
  if (!own && !run.state.progress.stage_done)
    throw UserError(fmt::format("{} is in the middle of a stage; another run can start from a stage's end only.",
                                run.state.checkpoint.string()));
}

void go_back(RunContext& run, const std::optional<std::filesystem::path>& checkpoint) {
  const std::string kernels = run.state.progress.kernels;
  const auto from = checkpoint ? checkpoint : run.options.start_from;
  run.models.optimizer_state.reset();
  run.state.saved_at = -1;
  if (from) {
    TrainingState state = open_first_whole(run, {*from});
    if (!run.state.progress.stage_done) run.models.optimizer_state = std::move(state.optimizer);
    if (checkpoint) run.state.saved_at = run.state.progress.step;
  } else {
    run.state.progress = {.stage = run.stages.front().name};
    run.state.checkpoint.clear();
    run.models.student.emplace(load_student(run.project, run.project_file, open_options(run.project)));
  }
  run.state.progress.kernels = kernels;
  run.state.totals = 0;
  run.state.totals_of = 0;
}

RunOrigin compared_origin(RunContext& run) {
  const auto dataset = [&run](const StageOptions& stage) -> const Dataset& {
    return *run.dataset_of(stage);
  };
  RunOrigin origin{
      .project_file = run.project_file,
      .kind = run.options.kind,
      .control_socket = run.options.control_socket,
      .versions = machine_facts(run.project),
      .inputs = input_files(run.project, run.project_file, dataset,
                            {.stage_index = run.state.progress.stage_index + (run.state.progress.stage_done ? 1 : 0),
                             .untrained_student = run.state.checkpoint.empty()}),
      .known_inputs = {}};
  if (!run.options.resume || !std::filesystem::exists(run.folder.info())) return origin;
  EventReader record(run.folder.events());
  const std::vector<Event> events = record.read();
  for (std::string& warning : record.take_warnings()) run.early_warnings.push_back(std::move(warning));
  if (!record.met_newer_format())  // else lines are there that can't be read here
    if (auto lost = lost_record(run.folder, events, run.state.saved_at >= 0, run.state.progress.step))
      run.early_warnings.push_back(std::move(*lost));
  if (run.state.saved_at >= 0) {
    if (auto lost = lost_probes(run.folder, events, run.state.progress.step))
      run.early_warnings.push_back(std::move(*lost));
    warn_of_changed_log(run);
  }
  KnownInputs& known = origin.known_inputs = read_known_inputs(run.folder);
  if (known.files.empty())
    run.early_warnings.push_back(
        "The run's run.json notes nothing of its data and models, so changed ones can't be noticed.");
  std::vector<InputChange> changes = changed_inputs(origin.inputs, known);
  const auto others = std::ranges::stable_partition(changes, &InputChange::needed);
  if (!others.empty())
    run.early_warnings.push_back(
        fmt::format("What the run has read before isn't the same any more: {}. It isn't read again.",
                    to_text({others.begin(), others.end()})));
  changes.erase(others.begin(), others.end());
  // Nothing is saved before they are noted: a run that was killed earlier begins again.
  if (run.state.saved_at >= 0 && !known.has_images && std::ranges::any_of(origin.inputs.files, &InputFile::is_image))
    run.early_warnings.push_back(
        "The run noted nothing of its pictures, as those of earlier versions, so changed ones can't be noticed.");
  if (changes.empty()) return origin;
  if (!run.options.accept_changes) throw UserError(refusal_text(changes, run.options.kind));
  run.early_warnings.push_back(fmt::format("The run goes on with changed inputs: {}.", to_text(changes)));
  for (const InputChange& change : changes) known.files.erase(change.file), known.images.erase(change.file);
  origin.accepted = std::move(changes);
  return origin;
}

void warn_of_changes(RunContext& run, const std::optional<std::vector<OptionChange>>& changes) {
  if (const std::string others = run.record->other_versions(); !others.empty())
    run.warn(
        fmt::format("The run goes on with other programs or on another machine than before. It can't be expected to be "
                    "bit-equal to one that was never interrupted, because {}.",
                    others));
  if (!changes)
    return run.warn(
        "The options that the run was at work with can't be read from its run.json, so it can't be told which "
        "of them have changed.");
  if (changes->empty()) return;
  constexpr size_t most_named = 5;
  std::string text = "The run goes on with changed options: ";
  for (size_t i = 0; i < std::min(most_named, changes->size()); ++i)
    text += (i == 0 ? "" : "; ") + to_text((*changes)[i]);
  if (changes->size() > most_named) text += fmt::format("; and {} more", changes->size() - most_named);
  run.emit(WarningEvent{.message = text + ". Set them back, or give the same --set again, to go on as before.",
                        .changes = *changes});
}

}  // namespace llavakd
