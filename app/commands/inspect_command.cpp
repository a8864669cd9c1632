// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/commands/output_file.h"
#include "app/commands/template_note.h"
#include "core/base/errors.h"
#include "core/evaluation/answer.h"
#include "core/inspection/relation_report.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

struct InspectOptions {
  std::string project, teacher, student, image, question, conversation_template, aspect, out;
  std::string source;  ///< Empty: none was asked for.
  std::optional<int64_t> layer, head;
  PairOptions pairs;
  bool json = false;

  bool of_relations() const { return json || !source.empty(); }
};

/// What is looked at.
struct InspectedPair {
  std::optional<Project> project;
  std::optional<LoadedModel> teacher, student;
};

/// With a project the models are opened as its run opens them, so that what is shown is what is trained.
InspectedPair inspected_pair(const InspectOptions& options) {
  InspectedPair pair;
  OpenOptions how;
  if (!options.project.empty()) {
    pair.project = load_project(options.project);
    how = {precision_of(pair.project->run.precision), device_of(pair.project->run.device)};
    if (!pair.project->teacher.checkpoint.empty() && options.teacher.empty())
      pair.teacher = load_teacher(*pair.project, options.project, how);
    if (options.student.empty()) {
      const auto trained = newest_model(options.project);
      pair.student = trained ? load_model(*trained, how) : load_student(*pair.project, options.project, how);
    }
  }
  if (!options.teacher.empty()) pair.teacher = load_model(model_folder_of(options.teacher), how);
  if (!options.student.empty()) pair.student = load_model(model_folder_of(options.student), how);
  if (!pair.student) throw UserError("Give a project, or --student (and --teacher) folders.");
  return pair;
}

/// Both models are given the same tokens, so that one template must do: what was asked for, what the student or else
/// the project or the teacher says, or a guess.
ModelTemplate inspected_template(const InspectOptions& options, const InspectedPair& pair) {
  const ModelTemplate used = template_of_model(*pair.student, options.conversation_template);
  if (!used.is_guess()) return used;
  if (pair.project) return {pair.project->conversation_template, "the project"};
  if (!pair.teacher) return used;
  const ModelTemplate of_teacher = template_of_model(*pair.teacher);
  return of_teacher.is_guess() ? used : of_teacher;
}

void inspect_probe(const InspectOptions& options, const InspectedPair& pair, const Question& question) {
  const Probe probe = probe_question(pair.teacher ? &*pair.teacher : nullptr, *pair.student, question);
  write_probe(probe, options.out);
  for (const TermInfo& term : term_catalog())
    if (const auto value = probe.terms[term.name]) std::cerr << fmt::format("{:<15} {:.6g}\n", term.name, *value);
}

void inspect_relations(const InspectOptions& options, const InspectedPair& pair, const Question& question,
                       const ModelTemplate& used, const RelationSource& source) {
  const RelationLook look = look_inside(pair.teacher ? &*pair.teacher : nullptr, *pair.student, question, &source);
  const RelationComparison comparison = compare_relations(look, source, options.pairs);
  const TrainedNote note = trained_note(comparison, pair.project ? &*pair.project : nullptr,
                                        pair.student->model.head_weight().scalar_type());
  nlohmann::ordered_json json = relation_json(look, comparison, note, options.pairs);
  if (!options.out.empty()) write_relations(look, comparison, json, options.out);
  if (options.json) {
    add_template(json, used);
    print_json(json);
  } else {
    std::cout << relation_text(comparison, note) << std::flush;
  }
}

int run_inspect(const InspectOptions& options) {
  if (!options.of_relations() && options.out.empty())
    throw UserError("Give --out FILE for a look's maps, or --source or --json for the numbers of relations.");
  if (!options.of_relations() && (options.layer || options.head))
    throw UserError("--layer and --head belong to a --source: hidden or attention.");
  std::optional<RelationSource> source;
  if (options.of_relations())
    source = read_relation_source(options.source.empty() ? "logits" : options.source, options.layer, options.head);
  if (!options.out.empty()) {
    std::vector<std::filesystem::path> inputs = files_of_project(options.project);
    inputs.insert(inputs.end(), {options.image, options.teacher, options.student});
    refuse_output(options.out, inputs);
  }
  const InspectedPair pair = inspected_pair(options);
  const ModelTemplate used = inspected_template(options, pair);
  Question question{std::filesystem::path(options.image), options.question, used.name, options.aspect};
  if (options.aspect.empty() && pair.project) question.aspect_ratio = pair.project->image.aspect_ratio;
  if (source)
    inspect_relations(options, pair, question, used, *source);
  else
    inspect_probe(options, pair, question);
  say_doubts(used, pair.student->folder);
  return exit_done;
}

void add_relation_options(CLI::App* command, const std::shared_ptr<InspectOptions>& looked) {
  command->add_option("--source", looked->source,
                      "Numbers of relations from here: logits, hidden:LAYER, connector, tower, attention:LAYER or "
                      "attention:LAYER:HEAD. Layers are the student's, hidden from 0 (the decoder's input), attention "
                      "from 1; heads from 0, their mean without one.");
  command->add_option("--layer", looked->layer, "The source's layer, where it isn't in its name.");
  command->add_option("--head", looked->head, "The source's head, where it isn't in its name.");
  command->add_option("--pairs", looked->pairs.pairs, "How many of the pairs that disagree most are listed.")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  command
      ->add_option("--radius", looked->pairs.radius,
                   "Pairs that are no further apart, in rows and columns of patches, are left out of that list.")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  command->add_flag("--json", looked->json,
                    "Machine-readable output of the relations: source, layers, terms, distance, pairs and tokens that "
                    "disagree, and whether these numbers are trained on. Of the logits without --source.");
}

}  // namespace

void add_inspect_command(CommandLine& line) {
  auto looked = std::make_shared<InspectOptions>();
  CLI::App* command = line.add(
      "inspect",
      "Relation matrices of teacher and student, per-token KL and the likeliest tokens; or relations from any layer.",
      [looked] { return run_inspect(*looked); });
  command->add_option("project", looked->project, "Project file: its teacher and its newest student.");
  command->add_option("--teacher", looked->teacher, "Folder of the teacher.");
  command->add_option("--student", looked->student, "Folder of the student.");
  command->add_option("--image", looked->image, "A picture.")->required();
  command->add_option("--question", looked->question, "What is asked.")->required();
  command->add_option("--template", looked->conversation_template,
                      "Prompt format; otherwise as the student's config or its run says, or the project's.");
  command->add_option("--aspect", looked->aspect,
                      "square or pad; otherwise the project's, or as the student's config says.");
  command->add_option("--out", looked->out,
                      "Safetensors file to write: a look as a run records it, or with --source or --json the arrays of "
                      "the relations.");
  add_relation_options(command, looked);
}

}  // namespace llavakd
