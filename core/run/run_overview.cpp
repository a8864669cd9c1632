// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_overview.h"

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/event_tail.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// The step in "DFT-160.json"; -1 where there is none.
int64_t step_of_evaluation(const fs::path& file) {
  const std::string name = file.stem().string();
  const std::string digits = name.substr(name.rfind('-') + 1);
  constexpr size_t most_digits = 15;
  if (digits.empty() || digits.size() > most_digits || digits.find_first_not_of("0123456789") != std::string::npos)
    return -1;
  return std::stoll(digits);
}

/// The results in the newest file of `eval/`.
std::vector<TaskResult> newest_evaluation(const RunFolder& run) {
  std::pair<int64_t, fs::path> newest{-1, {}};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run.evaluations(), error))
    if (entry.path().extension() == ".json")
      newest = std::max(newest, std::pair(step_of_evaluation(entry.path()), entry.path()));
  std::vector<TaskResult> results;
  if (newest.first < 0) return results;
  try {
    constexpr JsonLimits limits{.max_bytes = size_t{16} << 20, .max_depth = 16};
    const auto json = read_json(newest.second, limits);
    if (json.is_array())
      for (const auto& each : json) results.push_back(task_result_from_json(each));
  } catch (const UserError&) {
    results.clear();  // a score that can't be read is none
  }
  return results;
}

void take_place(RunOverview& overview, const Event& event) {
  overview.last_event = event.time;
  if (event.stage.empty()) return;
  overview.stage = event.stage;
  overview.stage_step = event.stage_step;
  overview.step = event.step;
}

void take_event(RunOverview& overview, const Event& event) {
  take_place(overview, event);
  if (const auto* step = event.as<StepEvent>()) {
    overview.terms = step->terms;
    overview.total = step->total;
  } else if (const auto* started = event.as<RunStartedEvent>()) {
    overview.plan = started->stages;
  } else if (const auto* resumed = event.as<RunResumedEvent>()) {
    overview.plan = resumed->stages;
    overview.message.clear();
  } else if (const auto* evaluated = event.as<EvaluationEvent>()) {
    overview.scores.push_back(evaluated->result);
  } else if (const auto* failed = event.as<FailedEvent>()) {
    overview.message = failed->message;
  } else if (const auto* paused = event.as<PausedEvent>()) {
    overview.message = paused->reason;
  } else if (event.is<UnpausedEvent>()) {
    overview.message.clear();
  } else if (const auto* gate = event.as<GateEvent>()) {
    overview.message = gate->outcome == "stopped" ? gate->message : std::string();
  }
}

void take_notes(RunOverview& overview) {
  try {
    overview.notes = read_run_notes(overview.run.folder);
  } catch (const UserError& error) {
    overview.notes_fault = error.what();
  }
}

}  // namespace

std::string_view name_of(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return "running";
    case RunStatus::paused:
      return "paused";
    case RunStatus::interrupted:
      return "interrupted";
    case RunStatus::stopped:
      return "stopped";
    case RunStatus::finished:
      return "finished";
    case RunStatus::failed:
      return "failed";
    case RunStatus::unknown:
      break;
  }
  return "unknown";
}

RunStatus status_of(const RunInfo& info) {
  if (info.status == "finished") return RunStatus::finished;
  if (info.status == "stopped") return RunStatus::stopped;
  if (info.status == "failed") return RunStatus::failed;
  if (!is_alive(info)) return RunStatus::interrupted;
  return info.status == "paused" ? RunStatus::paused : RunStatus::running;
}

RunOverview run_overview(ListedRun run) {
  RunOverview overview{.run = std::move(run)};
  const RunInfo& info = overview.run.info;
  const RunFolder& folder = overview.run.folder;
  if (overview.run.fault.empty()) overview.status = status_of(info);
  if (const auto first = first_event(folder.events())) take_event(overview, *first);
  if (!info.plan.empty()) overview.plan = info.plan;
  for (const Event& event : newest_events(folder.events())) take_event(overview, event);
  if (overview.scores.empty()) overview.scores = newest_evaluation(folder);
  for (PlannedStage& stage : overview.plan) {
    constexpr int64_t most_steps_of_stage = int64_t{1} << 32;
    stage.steps = std::clamp(stage.steps, int64_t{0}, most_steps_of_stage);
    overview.planned_steps += stage.steps;
  }
  const double since = info.session > 0 ? info.session : info.started;
  if (since > 0) overview.seconds = info.worked + std::max(0.0, overview.last_event - since - info.paused);
  take_notes(overview);
  return overview;
}

nlohmann::ordered_json to_json(const RunOverview& overview) {
  using Json = nlohmann::ordered_json;
  const RunInfo& info = overview.run.info;
  Json json = {{"id", overview.run.folder.id()},
               {"folder", overview.run.folder.path.string()},
               {"status", name_of(overview.status)},
               {"belongs", overview.run.belongs},
               {"project_id", info.project_id},
               {"project_file", info.project_file},
               {"kind", name_of(info.kind)},
               {"started", info.started},
               {"last_event", overview.last_event},
               {"seconds", overview.seconds},
               {"stage", overview.stage},
               {"stage_step", overview.stage_step},
               {"step", overview.step},
               {"planned_steps", overview.planned_steps},
               {"terms", to_json(overview.terms)},
               {"total", overview.total},
               {"scores", Json::array()},
               {"message", overview.message},
               {"notes", overview.notes.text},
               {"tags", overview.notes.tags},
               {"baseline", overview.notes.baseline}};
  for (const TaskResult& score : overview.scores) json["scores"].push_back(to_json(score));
  if (!overview.run.fault.empty()) json["fault"] = overview.run.fault;
  if (!overview.notes_fault.empty()) json["notes_fault"] = overview.notes_fault;
  return json;
}

std::vector<RunOverview> run_overviews(const fs::path& project_file) {
  std::vector<RunOverview> overviews;
  for (ListedRun& run : all_runs(project_file)) overviews.push_back(run_overview(std::move(run)));
  return overviews;
}

}  // namespace llavakd
