// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/config_json.h"
#include "core/io/interruption.h"
#include "core/io/linked_folder.h"
#include "core/project/project_file.h"
#include "core/run/checkpoint_state.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_log.h"
#include "core/run/event_tail.h"
#include "core/run/option_changes.h"
#include "core/run/run_checkpoints.h"
#include "core/training/machine_facts.h"
#include "core/training/train.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct KnownCheckpoint {
  fs::path folder;
  TrainProgress at;

  std::string name() const { return folder.filename().string(); }
  /// That the next step is of.
  size_t next_stage() const { return at.stage_index + (at.stage_done ? 1 : 0); }
};

/// Those whose state can be read, oldest first.
std::vector<KnownCheckpoint> known_checkpoints(const RunFolder& run) {
  std::vector<KnownCheckpoint> known;
  for (const fs::path& folder : list_training_checkpoints(run.checkpoints())) try {
      known.push_back({folder, read_checkpoint_state(folder).progress});
    } catch (const UserError&) {
      continue;  // which is said of the checkpoint
    }
  return known;
}

/// The steps that are done again.
struct ReplayPlan {
  std::optional<KnownCheckpoint> from = std::nullopt;  ///< Nothing: from the run's beginning.
  std::optional<KnownCheckpoint> to = std::nullopt;    ///< Where they end, if they end at a checkpoint.
  int64_t last_step = 0;

  int64_t first_step() const { return from ? from->at.step : 0; }
  size_t next_stage() const { return from ? from->next_stage() : 0; }
  std::string beginning() const { return from ? from->name() : "the beginning"; }
};

/// Steps that the run did with these options: where a stage goes on with others a record of it follows.
int64_t last_step_with_same_options(const RunInfo& info, int64_t from, int64_t last) {
  std::vector<int64_t> stages;
  for (const StageRecord& record : info.stages) {
    const bool again = std::ranges::find(stages, record.stage_index) != stages.end();
    if (again && record.from_step > from) last = std::min(last, record.from_step);
    stages.push_back(record.stage_index);
  }
  return last;
}

int64_t newest_recorded_step(const RunFolder& run) {
  int64_t newest = 0;
  for (const Event& event : newest_events(run.events()))
    if (event.is<StepEvent>()) newest = std::max(newest, event.step);
  return newest;
}

/// The newest pair of checkpoints that are no further apart than asked for, else the newest checkpoint that the run has
/// gone on from. Nothing where there is none.
std::optional<ReplayPlan> choose_plan(const RunFolder& run, const RunInfo& info, const ReplayOptions& options) {
  std::vector<KnownCheckpoint> known = known_checkpoints(run);
  const int64_t newest = newest_recorded_step(run);
  std::optional<ReplayPlan> without_end;
  for (auto from = known.rbegin(); from != known.rend(); ++from) {
    if (!options.from.empty() && from->name() != options.from) continue;
    const int64_t first = from->at.step;
    const int64_t last = last_step_with_same_options(info, first, first + options.steps);
    for (const KnownCheckpoint& to : known)
      if (to.at.step > first && to.at.step <= last && to.at.stage_index == from->next_stage())
        return ReplayPlan{.from = *from, .to = to, .last_step = to.at.step};
    if (!without_end && std::min(last, newest) > first)
      without_end = ReplayPlan{.from = *from, .last_step = std::min(last, newest)};
  }
  if (without_end || !options.may_begin_anew || !options.from.empty() || newest == 0) return without_end;
  // A branch begins with somebody's weights.
  if (info.stages.empty() || info.stages.front().from_step != 0) return std::nullopt;
  return ReplayPlan{.last_step = std::min(last_step_with_same_options(info, 0, options.steps), newest)};
}

/// The project as the run was at work with it from there on, without what changes no step. Somebody else may have
/// written the record, so it is checked as a project file is.
Project project_at(const RunInfo& info, const ReplayPlan& plan) {
  Json json = info.project;
  std::map<int64_t, const StageRecord*> in_force;
  for (const StageRecord& record : info.stages)
    if (const StageRecord*& known = in_force[record.stage_index]; !known || record.from_step <= plan.first_step())
      known = &record;
  for (const auto& [index, record] : in_force)
    for (Json& stage : json["stages"])
      if (stage.value("name", "") == record->stage) stage = record->options;
  if (const auto record = in_force.find(static_cast<int64_t>(plan.next_stage())); record != in_force.end())
    json.merge_patch(record->second->shared);
  json["format"] = "llavakd-project";
  json["version"] = project_version;
  Project project = project_from_text(json.dump(-1, ' ', false, Json::error_handler_t::replace), "run.json");
  project.run.checkpoint_every = 0;
  project.probes.clear();
  project.evaluations.clear();
  // What a limit between stages would have said was said by the run.
  for (StageOptions& stage : project.stages) stage.gate.clear();
  return project;
}

/// A run of its own, in the run's folder: there is the room that a checkpoint needs. It goes on from the checkpoint, or
/// begins.
class ReplayFolder {
 public:
  ReplayFolder(const RunFolder& run, RunInfo info, const std::optional<KnownCheckpoint>& from)
      : folder_{run.path / "replay.partial"} {
    std::error_code error;
    fs::remove_all(folder_.path, error);
    fs::create_directories(folder_.checkpoints());
    if (!from) return;
    try {
      // Never written to: its files may be the same ones.
      link_or_copy_folder(from->folder, folder_.checkpoints() / from->name());
      if (fs::exists(run.image_hashes(), error)) copy_file_atomically(run.image_hashes(), folder_.image_hashes());
    } catch (const RunError& failure) {
      fs::remove_all(folder_.path, error);
      throw UserError(failure.what());  // nothing is known of the run then
    }
    info.status = "stopped";
    info.pid.reset();
    info.log_mark.clear();
    write_run_info(folder_, info);
  }
  ReplayFolder(const ReplayFolder&) = delete;
  ReplayFolder& operator=(const ReplayFolder&) = delete;
  ~ReplayFolder() {
    std::error_code error;
    fs::remove_all(folder_.path, error);
  }
  const RunFolder& folder() const { return folder_; }

 private:
  const HalfMade half_made_;  ///< Requests to end wait until it has been removed.
  RunFolder folder_;
};

using StepsByNumber = std::map<int64_t, Event>;

StepsByNumber recorded_steps(const RunFolder& run, int64_t after, int64_t last) {
  constexpr size_t piece = size_t{4} << 20;
  StepsByNumber steps;
  EventReader reader(run.events());
  bool more = true;
  while (more)
    more = reader.read_some(piece, [&](Event& event) {
      if (event.is<StepEvent>() && event.step > after && event.step <= last) steps[event.step] = std::move(event);
    });
  return steps;
}

/// The kernel backends that the run had from there on.
std::string recorded_kernels(const RunInfo& info, const ReplayPlan& plan) {
  if (plan.from) return plan.from->at.kernels;
  return text_or_empty(info.versions, "kernels");
}

/// The numbers of a step that follow from where the run was.
Json numbers_of_step(const Event& event) {
  Json json = to_json(event.body);
  for (const char* key : {"seconds", "waiting_seconds", "phases", "memory_bytes"}) json.erase(key);
  return json;
}

/// "total is 0.5, was 0.25": the first; empty where there is none. Not-a-numbers are the same.
std::string first_difference(const Json& was, const Json& is) {
  for (const auto& [key, value] : is.items()) {
    const Json before = was.contains(key) ? was.at(key) : Json();
    if (value.dump() == before.dump()) continue;
    if (value.is_object() && before.is_object())
      if (const std::string inner = first_difference(before, value); !inner.empty())
        return fmt::format("{} of {}", inner, key);
    return fmt::format("{} is {}, was {}", key, value.dump(), before.dump());
  }
  return {};
}

void compare_steps(const StepsByNumber& was, const StepsByNumber& is, std::vector<std::string>& faults) {
  size_t others = 0;
  for (const auto& [number, step] : was) {
    const auto again = is.find(number);
    const std::string difference = again == is.end()
                                       ? "it isn't done again"
                                       : first_difference(numbers_of_step(step), numbers_of_step(again->second));
    if (difference.empty()) continue;
    if (others++ == 0) faults.push_back(fmt::format("Step {} of {}: {}.", number, step.stage, difference));
  }
  if (others > 1) faults.push_back(fmt::format("{} steps differ in all.", others));
}

/// state.json holds what isn't of the result: it is compared by what is.
void compare_checkpoints(const KnownCheckpoint& was, const fs::path& is, std::vector<std::string>& faults) {
  const auto before = read_checkpoint_sums(was.folder), now = read_checkpoint_sums(is);
  for (const auto& [file, sum] : before)
    if (const auto again = now.find(file); file != "state.json" && (again == now.end() || again->second != sum))
      faults.push_back(fmt::format("{}: {} isn't what the steps give.", was.name(), file));
  const TrainProgress at = read_checkpoint_state(is).progress;
  if (at.step != was.at.step || at.samples != was.at.samples || at.skipped != was.at.skipped ||
      at.stage_done != was.at.stage_done || at.learnt != was.at.learnt)
    faults.push_back(fmt::format("{}: state.json isn't what the steps give.", was.name()));
}

/// How far two numbers are from each other, as a share of their size or of `least_size` where they are smaller. What
/// isn't measured must be the same.
double deviation_of(const Json& was, const Json& is) {
  constexpr double least_size = 0.01;
  if (!was.is_number_float() || !is.is_number_float()) return was == is ? 0 : INFINITY;
  const double a = was.get<double>(), b = is.get<double>();
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b) ? 0 : INFINITY;
  return std::abs(a - b) / std::max({std::abs(a), std::abs(b), least_size});
}

double largest_deviation(const Json& was, const Json& is) {
  if (!was.is_object() || !is.is_object()) return deviation_of(was, is);
  if (was.size() != is.size()) return INFINITY;
  double largest = 0;
  for (const auto& [key, value] : is.items())
    largest = std::max(largest, was.contains(key) ? largest_deviation(was.at(key), value) : INFINITY);
  return largest;
}

/// Of all steps; those that aren't done again are infinitely far.
double largest_deviation(const StepsByNumber& was, const StepsByNumber& is) {
  double largest = 0;
  for (const auto& [number, step] : was) {
    const auto again = is.find(number);
    largest =
        std::max(largest, again == is.end() ? INFINITY
                                            : largest_deviation(numbers_of_step(step), numbers_of_step(again->second)));
  }
  return largest;
}

/// Why other bits were to be expected.
std::string machine_changes(const RunInfo& info, const ReplayPlan& plan, const Project& project, const fs::path& end) {
  Json is = machine_facts(project);
  is["llavakd"] = LLAVAKD_VERSION;
  std::string changes = changed_facts(info.versions, is);
  const std::string kernels = read_checkpoint_state(end).progress.kernels, were = recorded_kernels(info, plan);
  if (!were.empty() && kernels != were)
    changes += fmt::format("{}kernels is {}, was {}", changes.empty() ? "" : "; ", kernels, were);
  return changes;
}

/// On another machine other last bits are no fault, as long as the numbers are those of the run.
void judge_other_bits(VerifiedPart& part, const std::string& changes, double deviation, double tolerance) {
  if (part.faults.empty() || changes.empty()) return;
  if (tolerance > 0 && deviation <= tolerance) {
    part.faults.clear();
    part.is_near = true;
    part.found +=
        fmt::format(", within {:.2g} of the recorded numbers where {:g} is allowed; it can't be bit-equal, because {}",
                    deviation, tolerance, changes);
    return;
  }
  if (tolerance > 0 && std::isfinite(deviation))
    part.faults.push_back(
        fmt::format("The numbers differ by up to {:.2g} of their size, {:g} is allowed.", deviation, tolerance));
  part.faults.push_back(fmt::format("It can't be expected to be bit-equal, because {}.", changes));
}

VerifiedPart not_replayed(std::string why) {
  return {.what = "replay", .found = std::move(why), .skipped = true};
}

VerifiedPart replayed(const RunFolder& run, const RunInfo& info, const ReplayPlan& plan, const ReplayOptions& options) {
  Project project = project_at(info, plan);
  if (options.change_project) options.change_project(project);
  const ReplayFolder folder(run, info, plan.from);
  const int64_t first = plan.first_step(), steps = plan.last_step - first;
  const StepsByNumber was = recorded_steps(run, first, plan.last_step);
  if (!plan.to && std::ssize(was) < steps) return not_replayed("the log lacks steps that would be compared");
  StepsByNumber is;
  RunControl control;
  const auto sink = [&](const Event& event) {
    throw_if_interrupted();
    if (!event.is<StepEvent>()) return;
    is[event.step] = event;
    if (options.progress) options.progress(event.step - first, steps);
    if (event.step >= plan.last_step) control.stop();
  };
  TrainOptions how;
  how.resume = plan.from.has_value();
  if (!plan.from) how.kernels = recorded_kernels(info, plan);
  how.kind = info.kind;
  how.evaluate = false;
  how.threads = options.threads;
  const RunResult result = train(project, project_file_of(run, info), folder.folder(), sink, control, how);
  VerifiedPart part{.what = "replay"};
  compare_steps(was, is, part.faults);
  if (plan.to) compare_checkpoints(*plan.to, result.checkpoint, part.faults);
  part.found = fmt::format("{} step{} from {}{}", steps, steps == 1 ? "" : "s", plan.beginning(),
                           plan.to ? " to " + plan.to->name() : "");
  if (!part.faults.empty())
    judge_other_bits(part, machine_changes(info, plan, project, result.checkpoint), largest_deviation(was, is),
                     options.tolerance);
  return part;
}

}  // namespace

VerifiedPart replay_run(const RunFolder& run, const RunInfo& info, const ReplayOptions& options) {
  if (info.kind == RunKind::imported) return not_replayed("another program trained it");
  const auto plan = choose_plan(run, info, options);
  if (!plan)
    return not_replayed(options.from.empty() ? "the run has done no step after a checkpoint that is there"
                                             : fmt::format("the run has done no step after {}", options.from));
  try {
    return replayed(run, info, *plan, options);
  } catch (const UserError& error) {
    return not_replayed(error.what());
  } catch (const fs::filesystem_error& error) {
    return not_replayed(error.what());
  } catch (const Json::exception& error) {
    return not_replayed(fmt::format("run.json is damaged: {}", error.what()));
  } catch (const RunError& error) {
    return {.what = "replay", .faults = {error.what()}};
  }
}

}  // namespace llavakd
