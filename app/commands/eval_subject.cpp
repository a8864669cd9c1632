// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/eval_subject.h"

#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/checkpoint/loaded_model.h"
#include "core/evaluation/evaluation_task.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

EvalSubject subject_as(const Project& project, const fs::path& project_file, fs::path model) {
  EvalSubject subject{.model = std::move(model),
                      .conversation_template = project.conversation_template,
                      .aspect_ratio = project.image.aspect_ratio,
                      .evaluations = project.evaluations,
                      .max_length = project.max_length};
  for (EvaluationOptions& evaluation : subject.evaluations) {
    evaluation.file = resolve(project_file, evaluation.file).string();
    evaluation.images = resolve(project_file, evaluation.images).string();
  }
  return subject;
}

EvalSubject subject_of_project(const std::string& path) {
  const Project project = load_project(path);
  auto trained = newest_model(path);
  if (!trained)
    throw UserError(
        fmt::format("{} has no trained student yet; run `llavakd train` first, or give a checkpoint folder.", path));
  return subject_as(project, path, *std::move(trained));
}

/// As the project was when the run was last at work: run.json has a copy of it.
EvalSubject subject_of_run(const RunFolder& run, const fs::path& model) {
  const RunInfo info = read_run_info(run);
  const auto project = options_from_json<Project>(info.project, "run.json: ");
  if (project.evaluations.empty())
    throw UserError(
        fmt::format("Nothing to evaluate: the project of the run {} has no evaluations. Give --file.", run.id()));
  return subject_as(project, project_file_of(run, info), model);
}

std::string choice_text(const RunFolder& run, const fs::path& newest) {
  std::vector<std::string> others;
  for (const fs::path& each : list_training_checkpoints(run.checkpoints()))
    if (each != newest) others.push_back(each.filename().string());
  return fmt::format("{} is a run's folder: its newest checkpoint was scored, {}; {}.", run.path.string(),
                     newest.filename().string(),
                     others.empty() ? "it has no other" : "it also has " + name_list(others));
}

/// `run.json` and `checkpoints/` make a folder one of a run.
bool is_run_folder(const RunFolder& folder) {
  std::error_code error;
  return fs::is_regular_file(folder.info(), error) && fs::is_directory(folder.checkpoints(), error);
}

fs::path without_slash(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace

EvalSubject eval_subject(const std::string& path, bool given) {
  if (fs::path(path).extension() == ".kdproj") return subject_of_project(path);
  const RunFolder folder{without_slash(path)};
  fs::path checkpoint = path;
  std::string choice;
  if (is_run_folder(folder)) {
    const auto newest = latest_training_checkpoint(folder.checkpoints());
    if (!newest) throw UserError(fmt::format("The run {} has no checkpoint to score.", folder.path.string()));
    checkpoint = *newest;
    choice = choice_text(folder, *newest);
  }
  const fs::path model = model_folder_of(checkpoint);
  const auto run = given ? std::nullopt : run_of_model(model);
  if (!given && !run)
    throw UserError(
        fmt::format("Nothing to evaluate: {} is neither a project, a run nor a run's checkpoint, which name questions. "
                    "Give --file.",
                    path));
  EvalSubject subject =
      run ? subject_of_run(*run, model) : EvalSubject{.model = model, .max_length = ScoringOptions{}.max_length};
  subject.choice = std::move(choice);
  return subject;
}

}  // namespace llavakd
