// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/eval_subject.h"
#include "app/commands/output_file.h"
#include "app/commands/stop_signal.h"
#include "app/commands/template_note.h"
#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/checkpoint/model_template.h"
#include "core/evaluation/evaluation_task.h"
#include "core/preflight/preflight.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/ablation_result.h"
#include "core/run/launcher.h"
#include "core/run/task_result.h"
#include "core/training/ablate.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct EvalOptions {
  std::string subject, task = EvaluationOptions{}.task, file, images, conversation_template, aspect, answers;
  bool json = false;
};

void print_scores(const TaskResult& result, const ModelTemplate& used) {
  std::cout << score_text(result) << '\n';
  std::cout << fmt::format("  template {} ({})\n", used.name,
                           used.is_guess() ? "a guess: all that fit ask alike" : used.known_by);
  for (const auto& [part, percent] : result.breakdown.parts)
    if (percent) std::cout << fmt::format("  {:<12} {:6.2f}\n", printable(part), *percent);
  for (const auto& [part, percent] : result.breakdown.parts)
    if (!percent) std::cout << fmt::format("  {:<12} {:>6}\n", printable(part), "-");
  if (!result.skipped.empty())
    std::cout << fmt::format("  {} left out, the first: {}\n", result.skipped.size(), result.skipped.front());
}

/// What was asked for, what the model or its run says, or else what its project says. A guess is refused: in a score
/// nothing shows that it was wrong.
ModelTemplate scored_template(const EvalOptions& options, const EvalSubject& subject, const LoadedModel& model) {
  ModelTemplate used = template_of_model(model, options.conversation_template);
  if (used.is_guess() && !subject.conversation_template.empty()) return {subject.conversation_template, "the project"};
  refuse_guess(used, model.folder);
  return used;
}

ScoringOptions scoring_options(const EvalOptions& options, const EvalSubject& subject,
                               const EvaluationOptions& evaluation, const ModelTemplate& used) {
  ScoringOptions how;
  how.file = evaluation.file;
  how.images = images_folder(evaluation.file, evaluation.images);
  how.conversation_template = used.name;
  how.aspect_ratio = options.aspect.empty() ? subject.aspect_ratio : options.aspect;
  how.max_length = subject.max_length;
  return how;
}

/// The results as JSON: one alone as an object, several as a list.
Json results_json(const std::vector<TaskResult>& results, const fs::path& checkpoint, const ModelTemplate& used) {
  Json list = Json::array();
  for (const TaskResult& result : results) {
    list.push_back(to_json(result));
    list.back()["checkpoint"] = checkpoint.string();
    add_template(list.back(), used);
  }
  return list.size() == 1 ? list[0] : list;
}

/// Scores the model, and keeps its answers where a file for them is named and there are any.
TaskResult scored(const LoadedModel& model, const std::string& task, const ScoringOptions& how, const fs::path& answers,
                  const ScoringProgress& progress) {
  if (answers.empty()) return score(model, task, how, progress);
  const ScoreWithAnswers with_answers = score_with_answers(model, task, how, progress);
  if (with_answers.result.n > 0) write_answers(answers, with_answers.answers);
  return with_answers.result;
}

int run_eval(const EvalOptions& options) {
  EvalSubject subject = eval_subject(options.subject, !options.file.empty());
  if (!options.file.empty()) subject.evaluations = {{options.task, options.file, options.images}};
  if (subject.evaluations.empty()) throw UserError("Nothing to evaluate: give --file, or a project with evaluations.");
  if (!options.answers.empty()) {
    std::vector<fs::path> inputs{subject.model};
    if (fs::path(options.subject).extension() == ".kdproj") inputs.emplace_back(options.subject);
    for (const EvaluationOptions& evaluation : subject.evaluations) inputs.emplace_back(evaluation.file);
    refuse_output(options.answers, inputs);
    if (subject.evaluations.size() > 1)
      throw UserError("--answers keeps the answers to one evaluation, and the project has several: choose by --file.");
  }
  const LoadedModel model = load_model(subject.model);
  const ModelTemplate used = scored_template(options, subject, model);
  std::vector<TaskResult> results;
  for (const auto& evaluation : subject.evaluations) {
    ProgressLine progress;
    results.push_back(scored(model, evaluation.task, scoring_options(options, subject, evaluation, used),
                             options.answers, [&](int64_t done, int64_t total) {
                               progress.show(fmt::format("  {} of {} questions", done, total));
                               return true;
                             }));
  }
  if (options.json) print_json(results_json(results, subject.model, used));
  for (const TaskResult& result : results)
    if (result.score && !options.json) print_scores(result, used);
  bool all_scored = true;
  for (const TaskResult& result : results) {
    if (result.score) continue;
    std::cerr << fmt::format("llavakd: {}: {}", result.settings.file, score_text(result)) << std::endl;
    all_scored = false;
  }
  if (!subject.choice.empty()) std::cerr << "llavakd: " << subject.choice << std::endl;
  say_doubts(used, model.folder);
  return all_scored ? exit_done : exit_wrong_input;
}

struct AblateCommandOptions {
  std::string project, arms, seeds = "0";
  std::vector<std::string> settings;
  int64_t jobs = 1;
  bool json = false;
};

int run_ablate(const AblateCommandOptions& options) {
  refuse_several_processes("ablate");
  Project project = load_project(options.project);
  apply_settings(project, options.settings);
  const auto arms = parse_arms(project, options.arms);
  const auto seeds = parse_seeds(options.seeds);
  refuse_red(project_of_arms(project, arms), options.project, device_fault);
  RunControl control;
  const StopSignal stop(control);
  ProgressLine progress;
  AblateOptions how;
  how.jobs = options.jobs;
  how.progress = [&](const std::string& run, const Event& event) {
    if (event.is<StepEvent>()) progress.show(fmt::format("  {}  {} step {}", run, event.stage, event.stage_step));
    if (const auto* evaluated = event.as<EvaluationEvent>()) {
      progress.show("");
      std::cerr << fmt::format("{}: {}", run, score_text(evaluated->result)) << std::endl;
    }
    if (const auto* warning = event.as<WarningEvent>())
      std::cerr << fmt::format("{}: {}", run, warning->message) << std::endl;
  };
  const Json result = ablate(project, options.project, arms, seeds, control, how);
  progress.show("");
  if (options.json)
    print_json(result);
  else
    std::cout << ablation_tables(result);
  return result.value("stopped", false) ? exit_stopped : exit_done;
}

}  // namespace

void add_scoring_commands(CommandLine& line) {
  auto evaluated = std::make_shared<EvalOptions>();
  CLI::App* command =
      line.add("eval", "Scores a model on questions with known answers.", [evaluated] { return run_eval(*evaluated); });
  command
      ->add_option("subject", evaluated->subject,
                   "Project file (its newest student), folder of a run (its newest checkpoint), of a run's checkpoint, "
                   "or of a model.")
      ->required();
  command->add_option("--task", evaluated->task, "How answers are scored.")->capture_default_str();
  command->add_option("--file", evaluated->file,
                      "Questions; otherwise the evaluations of the project, or of the run's project.");
  command->add_option("--images", evaluated->images, "Folder of the image paths; otherwise the file's own.");
  command->add_option("--template", evaluated->conversation_template,
                      "Prompt format; otherwise as the model's config or its run says, or the project's.");
  command->add_option("--aspect", evaluated->aspect,
                      "square or pad; otherwise the project's, or as the model's config says.");
  command->add_option("--answers", evaluated->answers,
                      "File to write: a line of JSON for each question with the model's answer, for `failures`.");
  command->add_flag("--json", evaluated->json, "Machine-readable output.");

  auto compared = std::make_shared<AblateCommandOptions>();
  command = line.add("ablate", "Runs schedules against each other: equal beginnings once, everything resumable.",
                     [compared] { return run_ablate(*compared); });
  command->add_option("project", compared->project, "Project file.")->required();
  command->add_option("--arms", compared->arms, "Schedules: PT-SFT,DPT-SFT-DFT.")->required();
  command->add_option("--seeds", compared->seeds, "Seeds: 0,1,2.")->capture_default_str();
  command->add_option("--jobs", compared->jobs, "Seeds that run at the same time.")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  command->add_option("--set", compared->settings, "Change an option for these runs.")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--json", compared->json, "Machine-readable output.");
}

}  // namespace llavakd
