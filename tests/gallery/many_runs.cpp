// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "many_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_notes.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// What a run has of its own.
struct ManyRun {
  std::string id;
  std::string status = "finished";
  double share = 1;   ///< Of the trained run's events.
  double factor = 1;  ///< Of its losses.
  double score = 0;   ///< Added, in percent.
  RunNotes notes = {};
  std::function<void(Project&)> change = {};
};

std::vector<ManyRun> manyRuns() {
  std::vector<ManyRun> runs;
  for (int i = 0; i < 14; ++i)
    runs.push_back({.id = fmt::format("seed-{}", 100 + i),
                    .factor = 1 + 0.06 * std::sin(i * 2.4),
                    .score = 4 * std::sin(i * 1.7),
                    .change = [i](Project& project) {
                      project.run.seed = 100 + i;
                    }});
  runs[2].status = "stopped", runs[2].share = 0.7;
  runs[5].status = "failed", runs[5].share = 0.3;
  runs[9].status = "running", runs[9].share = 0.55;  // its process is gone: interrupted
  runs[4].notes = {
      "Best of the seeds so far; the student still mixes up “above” and “below” when the two objects are of "
      "one colour. Ask again with larger pictures.",
      {"seeds", "paper", "table 2"},
      false,
      {}};
  runs.push_back({.id = "no-kd",
                  .factor = 1.3,
                  .score = -11,
                  .notes = {"Without the teacher.", {"baseline"}, true, {}},
                  .change = [](Project& project) {
                    for (StageOptions& stage : project.stages) stage.terms.resize(1);
                  }});
  runs.push_back({.id = "no-relation-loss-and-twice-the-learning-rate-in-all-three-stages",
                  .factor = 1.12,
                  .score = -3.4,
                  .change = [](Project& project) {
                    for (StageOptions& stage : project.stages) {
                      stage.learning_rate *= 2;
                      std::erase_if(stage.terms, [](const TermOptions& term) { return term.term == "rdist"; });
                    }
                  }});
  for (const double weight : {0.1, 0.25, 1.0, 2.0})
    runs.push_back({.id = fmt::format("rdist-{}", weight),
                    .factor = 0.94 + 0.05 * weight,
                    .score = 2 - weight,
                    .notes = {{}, {"rdist"}, false, {}},
                    .change = [weight](Project& project) {
                      for (StageOptions& stage : project.stages)
                        for (TermOptions& term : stage.terms)
                          if (term.term == "rdist") term.weight = weight;
                    }});
  return runs;
}

// Losses move apart in the course of a run.
void vary(Event& event, const ManyRun& run, double share) {
  const double factor = 1 + (run.factor - 1) * std::min(1.0, 4 * share);
  if (auto* step = std::get_if<StepEvent>(&event.body)) {
    step->total *= factor;
    for (NamedNumbers* numbers : {&step->terms, &step->weighted})
      for (auto& [name, value] : *numbers) value *= factor;
  }
  auto* evaluated = std::get_if<EvaluationEvent>(&event.body);
  if (evaluated && evaluated->result.score) *evaluated->result.score += run.score;
}

void writeRun(const fs::path& projectFile, const std::vector<Event>& told, const ManyRun& plan, double started) {
  const RunFolder run = create_run(projectFile, plan.id);
  Project project = load_project(projectFile);
  if (plan.change) plan.change(project);
  RunInfo info;
  info.id = plan.id;
  info.project_id = project_id_of(projectFile);
  info.project_file = projectFile.string();
  info.status = plan.status;
  info.started = started;
  info.project = to_json(project);
  write_run_info(run, info);
  if (plan.notes != RunNotes()) write_run_notes(run, plan.notes);
  EventLog log(run.events());
  const auto count = static_cast<size_t>(plan.share * static_cast<double>(told.size()));
  Event last;
  for (size_t i = 0; i < count; ++i) {
    Event event = told[i];
    event.time += started - told.front().time;
    vary(event, plan, static_cast<double>(i) / static_cast<double>(told.size()));
    log.append(event);
    last = event;
  }
  if (plan.status == "failed")
    last.body = FailedEvent{.message =
                                "The gradient of sample “dialogues-355” is not a number. Look at that sample, or "
                                "lower the learning rate; the run can be resumed from its newest checkpoint.",
                            .kind = "run",
                            .sample = "dialogues-355"};
  else
    last.body = RunFinishedEvent{.status = plan.status, .steps = last.step};
  if (plan.share < 1 && plan.status != "running") log.append(last);
}

}  // namespace

void writeManyRuns(const RunFolder& trained, const fs::path& projectFile) {
  const std::vector<Event> told = EventReader(trained.events()).read();
  const std::vector<ManyRun> runs = manyRuns();
  double started = told.front().time - 5400 * static_cast<double>(runs.size());
  for (const ManyRun& run : runs) writeRun(projectFile, told, run, started += 5400);
  const fs::path newest = runs_folder(projectFile) / runs.back().id;
  for (const char* folder : {"checkpoints", "probes"})
    if (fs::exists(trained.path / folder))
      fs::copy(trained.path / folder, newest / folder, fs::copy_options::recursive);
}

}  // namespace llavakd
