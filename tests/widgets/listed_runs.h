// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>

#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_project.h"

namespace llavakd {

/// A run of one stage for lists of runs, which nobody trained.
struct ListedRunPlan {
  const char* id = "run";
  double started = 1763978400;
  std::string status = "finished";
  std::string project_file = {};  ///< Of another project; empty: of the made one.
  int steps = 4;                  ///< Done, of 4.
  double total = 1.5;             ///< Of the newest step.
  std::optional<double> score = {};
  std::function<void(Project&)> change = {};  ///< What the run has other than the project.
  std::optional<int64_t> pid = {};
};

/// Writes the run's files next to the made project; gives its folder.
inline QString writeListedRun(const MadeProject& made, const ListedRunPlan& plan) {
  const RunFolder run = create_run(toPath(made.file()), plan.id);
  RunInfo info;
  info.id = plan.id;
  info.status = plan.status;
  info.started = plan.started;
  info.project_file = plan.project_file.empty() ? made.file().toStdString() : plan.project_file;
  info.project_id = project_id_of(info.project_file);
  info.pid = plan.pid;
  Project project = MadeProject::project();
  if (plan.change) plan.change(project);
  info.project = to_json(project);
  write_run_info(run, info);
  EventLog log(run.events());
  log.append({.time = plan.started, .body = RunStartedEvent{.run = plan.id, .stages = {{"DPT", 4}}}});
  log.append({.time = plan.started, .stage = "DPT", .body = StageStartedEvent{.steps = 4}});
  for (int step = 1; step <= plan.steps; ++step)
    log.append({.time = plan.started + 30 * step,
                .stage = "DPT",
                .stage_step = step,
                .step = step,
                .body = StepEvent{.terms = {{"ce", plan.total / 2}}, .total = plan.total, .seconds = 30}});
  if (plan.score) {
    EvaluationEvent evaluation;
    evaluation.result.score = plan.score;
    evaluation.result.n = 12;
    evaluation.result.scorer = "exact_match";
    log.append({.time = plan.started + 130, .stage = "DPT", .stage_step = 4, .step = 4, .body = evaluation});
  }
  return toQString(run.path);
}

/// A whole checkpoint of that run whose weights are a file of so many bytes.
inline void writeListedCheckpoint(const QString& runFolder, const char* name, int bytes) {
  const QString folder = runFolder + QStringLiteral("/checkpoints/") + QLatin1String(name);
  QDir().mkpath(folder + QStringLiteral("/model"));
  const auto write = [&](const char* file, const QByteArray& text) {
    QFile out(folder + QLatin1Char('/') + QLatin1String(file));
    if (out.open(QIODevice::WriteOnly)) out.write(text);
  };
  write("model/model.safetensors", QByteArray(bytes, 'x'));
  write("optimizer.safetensors", {});
  write("state.json", "{}");
}

}  // namespace llavakd
