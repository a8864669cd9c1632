// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/commands/output_file.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/data/answer_data.h"
#include "core/evaluation/ask_and_keep.h"
#include "core/evaluation/picture_features.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_list.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct FailuresOptions {
  std::vector<std::string> subjects;
  std::string checkpoint, file, group = std::string(name_of(Outcome::teacher_alone)), write_data, map, map_model;
  bool common = false, json = false, progress = false;
};

/// Where answers of two models are, and which models of a project gave them.
struct AnswerSources {
  fs::path teacher, student;
  std::optional<AskedModel> asked_student = {};
};

/// How far it is: on a terminal for people, with --progress a line of JSON on stderr.
class FailuresProgress {
 public:
  explicit FailuresProgress(bool json) : json_(json) {}
  void show(const std::string& who, int64_t done, int64_t total) {
    if (json_)
      std::cerr << Json{{"who", who}, {"done", done}, {"total", total}}.dump() << std::endl;
    else
      line_.show(fmt::format("  {}: {} of {}", who, done, total));
  }
  void end() {
    if (!json_) line_.show("");
  }

 private:
  bool json_;
  ProgressLine line_;
};

EvaluationOptions evaluation_of(const FailuresOptions& options, const Project& project, const fs::path& project_file) {
  std::vector<std::string> files;
  for (const EvaluationOptions& evaluation : project.evaluations) {
    const bool named = options.file == evaluation.file ||
                       (!options.file.empty() && fs::absolute(options.file).lexically_normal() ==
                                                     resolve(project_file, evaluation.file).lexically_normal());
    if (named || (options.file.empty() && project.evaluations.size() == 1)) return evaluation;
    files.push_back(evaluation.file);
  }
  if (files.empty()) throw UserError(fmt::format("{} has no evaluation; add one.", project_file.string()));
  if (!options.file.empty())
    throw UserError(fmt::format("{} has no evaluation on {}; there are {}.", project_file.string(), options.file,
                                name_list(files)));
  throw UserError(fmt::format("{} has several evaluations: choose one by --file. There are {}.", project_file.string(),
                              name_list(files)));
}

/// A run's checkpoint: by its name in the newest run, or its folder; else the newest.
fs::path checkpoint_of(const FailuresOptions& options, const fs::path& project_file) {
  if (options.checkpoint.empty()) {
    if (const auto model = newest_model(project_file)) return model->parent_path();
    throw UserError(fmt::format("{} has no trained student yet; run `llavakd train` first.", project_file.string()));
  }
  std::error_code error;
  fs::path folder = options.checkpoint;
  if (folder.parent_path().empty()) folder = find_run(project_file).checkpoints() / folder;
  folder = fs::absolute(folder).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  if (folder.filename() == "model") folder = folder.parent_path();
  if (!fs::is_directory(folder / "model", error) ||
      !fs::is_regular_file(RunFolder{folder.parent_path().parent_path()}.info(), error))
    throw UserError(
        fmt::format("{} is no checkpoint of a run. Give the name of one of the newest run, or a folder such "
                    "as runs/2026-11-24-101500/checkpoints/DFT-40.",
                    options.checkpoint));
  return folder;
}

AnswerSources sources_of_project(const FailuresOptions& options, FailuresProgress& progress) {
  const fs::path project_file = fs::absolute(options.subjects.front());
  const Project project = load_project(project_file);
  const EvaluationOptions evaluation = evaluation_of(options, project, project_file);
  const fs::path checkpoint = checkpoint_of(options, project_file);
  const RunFolder run{checkpoint.parent_path().parent_path()};
  const auto show = [&](const std::string& who, int64_t done, int64_t total) {
    progress.show(who, done, total);
    return true;
  };
  AnswerSources sources;
  sources.asked_student = asked_student(project, project_file, evaluation, checkpoint);
  sources.teacher = ask_and_keep(run, asked_teacher(project, project_file, evaluation), show);
  sources.student = ask_and_keep(run, *sources.asked_student, show);
  return sources;
}

AnswerSources sources_of(const FailuresOptions& options, FailuresProgress& progress) {
  const bool project = fs::path(options.subjects.front()).extension() == ".kdproj";
  if (project && options.subjects.size() == 1) return sources_of_project(options, progress);
  if (project || options.subjects.size() != 2)
    throw UserError("Give a project file, or two files of answers: the teacher's, then the student's.");
  if (!options.checkpoint.empty() || !options.file.empty())
    throw UserError("--checkpoint and --file choose what of a project is asked; two files of answers have it.");
  return {options.subjects[0], options.subjects[1]};
}

void write_map(const FailuresOptions& options, const AnswerSources& sources, const PairedAnswers& paired,
               FailuresProgress& progress) {
  AskedModel asked = sources.asked_student.value_or(AskedModel{});
  if (!options.map_model.empty()) asked.model = options.map_model;
  if (asked.model.empty()) asked.model = paired.student.model;
  const LoadedModel model = sources.asked_student ? load_asked(asked) : load_model(asked.model);
  write_picture_map(options.map,
                    make_picture_map(model, paired, aspect_ratio_of(asked, model), [&](int64_t done, int64_t total) {
                      progress.show("map", done, total);
                      return true;
                    }));
}

std::string percent_with_interval(int64_t count, int64_t of) {
  const ShareInterval interval = wilson_interval(count, of);
  return fmt::format("{:6} {:6.2f} %  [{:.2f}, {:.2f}]", count,
                     of == 0 ? 0.0 : 100.0 * static_cast<double>(count) / static_cast<double>(of), 100 * interval.low,
                     100 * interval.high);
}

void print_groups(const PairedAnswers& paired) {
  const OutcomeCounts all = count_outcomes(paired);
  const int64_t n = all.total();
  std::cout << fmt::format("{} questions, {}\n", n, paired.student.task);
  std::cout << fmt::format("  {:<28} {}  {}\n", "teacher right", percent_with_interval(all.teacher_right(), n),
                           printable(paired.teacher.model));
  std::cout << fmt::format("  {:<28} {}  {}\n", "student right", percent_with_interval(all.student_right(), n),
                           printable(paired.student.model));
  for (const Outcome outcome : all_outcomes)
    std::cout << fmt::format("  {:<28} {}\n", name_of(outcome), percent_with_interval(all.of(outcome), n));
  std::cout << fmt::format("  McNemar's exact test: p = {:.3g}\n\n",
                           exact_sign_test(all.of(Outcome::teacher_alone), all.of(Outcome::student_alone)));
  std::cout << fmt::format("{:<20} {:>9} {:>10} {:>13} {:>13} {:>10} {:>9}\n", "type", "questions", "both right",
                           "teacher alone", "student alone", "both wrong", "p");
  for (const auto& [type, counts] : count_outcomes_by_type(paired))
    std::cout << fmt::format("{:<20} {:>9} {:>10} {:>13} {:>13} {:>10} {:>9.3g}\n", printable(type), counts.total(),
                             counts.of(Outcome::both_right), counts.of(Outcome::teacher_alone),
                             counts.of(Outcome::student_alone), counts.of(Outcome::both_wrong),
                             exact_sign_test(counts.of(Outcome::teacher_alone), counts.of(Outcome::student_alone)));
  std::cout << "Intervals are Wilson's, of 95 %.\n";
}

/// What isn't in the numbers, or looks odd in them.
void say_what_is_apart(const PairedAnswers& paired) {
  const auto say = [](const std::vector<std::string>& ids, const char* what) {
    if (!ids.empty()) std::cerr << fmt::format("llavakd: {} {}: {}.\n", ids.size(), what, name_list(ids));
  };
  say(paired.only_teacher, "question(s) left out that the student has no answer to");
  say(paired.only_student, "question(s) left out that the teacher has no answer to");
  say(paired.repeated, "id(s) with a question that comes more than once, paired in order");
}

void write_group(const FailuresOptions& options, const PairedAnswers& paired) {
  const auto answers = answers_of_outcome(paired, outcome_of(options.group));
  write_data_of_answers(options.write_data, answers);
  const auto long_rows = std::ranges::count_if(answers, [](const KeptAnswer* kept) { return kept->turns > 1; });
  std::cerr << fmt::format(
      "llavakd: {} sample(s) written; their pictures start from {}. They are the evaluation's own "
      "questions: what has learnt from them can't be judged by it any more.\n",
      answers.size(), paired.student.images.string());
  if (long_rows > 0)
    std::cerr << fmt::format("llavakd: of {} row(s) with several questions the first one is written.\n", long_rows);
}

std::vector<fs::path> inputs_of(const FailuresOptions& options) {
  std::vector<fs::path> inputs{options.file};
  for (const std::string& subject : options.subjects) {
    inputs.emplace_back(subject);
    if (fs::path(subject).extension() != ".kdproj") continue;
    for (fs::path& each : files_of_project(subject)) inputs.push_back(std::move(each));
  }
  return inputs;
}

int run_failures(const FailuresOptions& options) {
  outcome_of(options.group);
  const std::vector<fs::path> inputs = inputs_of(options);
  if (!options.write_data.empty()) refuse_output(options.write_data, inputs);
  if (!options.map.empty()) refuse_output(options.map, inputs);
  FailuresProgress progress(options.progress);
  const AnswerSources sources = sources_of(options, progress);
  const PairedAnswers paired =
      pair_answers(read_answers(sources.teacher), read_answers(sources.student), options.common);
  for (const std::string& out : {options.write_data, options.map})
    if (!out.empty()) refuse_output(out, {paired.teacher.file, paired.student.file});
  if (!options.map.empty()) write_map(options, sources, paired, progress);
  progress.end();
  say_what_is_apart(paired);
  if (!options.write_data.empty()) write_group(options, paired);
  if (options.json) {
    Json json = to_json(paired);
    json["answers"] = {{"teacher", sources.teacher.string()}, {"student", sources.student.string()}};
    if (!options.map.empty()) json["map"] = options.map;
    print_json(json);
  } else {
    print_groups(paired);
  }
  return exit_done;
}

}  // namespace

void add_failures_command(CommandLine& line) {
  auto options = std::make_shared<FailuresOptions>();
  CLI::App* command = line.add(
      "failures", "Where the student fails: answers of teacher and student to one evaluation, question by question.",
      [options] { return run_failures(*options); });
  command
      ->add_option("subjects", options->subjects,
                   "Project file, whose models are asked unless their answers are kept already; or two files of "
                   "`eval --answers`: the teacher's, then the student's.")
      ->required();
  command->add_option("--checkpoint", options->checkpoint,
                      "Of a project: a checkpoint of the newest run by name, or its folder; otherwise the newest.");
  command->add_option("--file", options->file, "Of a project with several evaluations: the one with these questions.");
  command->add_flag("--common", options->common,
                    "Compare the questions that both have, and name the others; otherwise these are refused.");
  command
      ->add_option("--group", options->group,
                   "What --write-data writes: both_right, teacher_right_student_wrong, "
                   "student_right_teacher_wrong or both_wrong.")
      ->capture_default_str();
  command->add_option("--write-data", options->write_data,
                      "Data file to write: the group's questions with their expected answers, to learn from.");
  command->add_option("--map", options->map,
                      "File to write, .json or .csv: the pictures in the two directions in which the tower's features "
                      "(mean over patches) differ most, with what became of their questions.");
  command->add_option("--map-model", options->map_model,
                      "Folder of the model whose tower it is; otherwise the student.");
  command->add_flag("--json", options->json, "Machine-readable output, every question with both answers.");
  command->add_flag("--progress", options->progress, "Tell how far it is as lines of JSON on stderr.");
}

}  // namespace llavakd
