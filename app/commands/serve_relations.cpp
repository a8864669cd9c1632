// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_relations.h"

#include <filesystem>
#include <optional>
#include <vector>

#include "app/commands/output_file.h"
#include "app/commands/serve_answer.h"
#include "app/commands/serve_parameters.h"
#include "core/base/errors.h"
#include "core/evaluation/sample_losses.h"
#include "core/inspection/relation_report.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// More layers, heads or pairs than anything has.
constexpr int64_t most_of_anything = 10'000;

std::optional<int64_t> number_if_given(const Json& parameters, const char* key) {
  const auto found = parameters.find(key);
  if (found == parameters.end() || found->is_null()) return std::nullopt;
  return whole_number_of(parameters, key, 0, 0, most_of_anything);
}

/// What `inspect --source --json` prints.
Json relations_from(const RelationSource& source, const RelationLook& look, const PairOptions& pairs,
                    const Project& project, const std::filesystem::path& out) {
  const RelationComparison comparison = compare_relations(look, source, pairs);
  const TrainedNote note = trained_note(comparison, &project, look.student.model->head_weight().scalar_type());
  Json result = relation_json(look, comparison, note, pairs);
  write_relations(look, comparison, result, out);
  return result;
}

}  // namespace

Json serve_relations(ServedModels& models, KeptLook& kept, const Json& parameters) {
  const std::filesystem::path out = resolve(models.project_file(), required_text(parameters, "out"));
  std::vector<std::filesystem::path> inputs = files_of_project(models.project(), models.project_file());
  inputs.push_back(resolve(models.project_file(), required_text(parameters, "image")));
  refuse_output(out, inputs);
  const std::string text = text_of(parameters, "source");
  const auto layer = number_if_given(parameters, "layer"), head = number_if_given(parameters, "head");
  if (text.empty() && (layer || head)) throw UserError("A \"layer\" or a \"head\" needs a \"source\".");
  PairOptions pairs;
  pairs.pairs = whole_number_of(parameters, "pairs", pairs.pairs, 0, most_of_anything);
  pairs.radius = whole_number_of(parameters, "radius", pairs.radius, 0, most_of_anything);
  const auto source = text.empty() ? std::nullopt : std::optional(read_relation_source(text, layer, head));

  const bool has_teacher = !models.project().teacher.checkpoint.empty();
  const auto learner = models.student(text_of(parameters, "checkpoint"));
  const auto teacher = has_teacher ? models.teacher() : nullptr;
  const Question question = question_of(models, parameters, *learner);
  Json result;
  if (source) {
    const RelationLook& look = kept.look(teacher, learner, question, *source);
    result = relations_from(*source, look, pairs, models.project(), out);
    result["reused"] = kept.reused();
    result["template"] = question.conversation_template;
  } else {
    const Probe probe = probe_question(teacher.get(), *learner, question);
    write_probe(probe, out);
    result["terms"] = terms_json(probe.terms);
  }
  result["file"] = out.string();
  return result;
}

}  // namespace llavakd
