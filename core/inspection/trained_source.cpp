// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/trained_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

/// What a term's `on` calls the source; empty where no term can be trained on it, and why it can't.
std::string_view trained_name(const RelationSide& side, std::string& why) {
  if (side.source.kind == RelationKind::logits) return "logits";
  if (side.source.kind != RelationKind::hidden)
    why = "No term compares these: relations are trained on the logits or on the last layer's states.";
  else if (side.source.layer != side.layers)
    why = fmt::format("Relations of states are trained on those of the last layer alone, {} in the student.",
                      side.layers);
  else
    return "hidden";
  return {};
}

/// "STAGE (TERM)" for each stage that trains on relations of this name.
std::vector<std::string> stages_trained_on(const Project& project, std::string_view on) {
  std::vector<std::string> found;
  for (const StageOptions& stage : scheduled_stages(project))
    for (const TermOptions& term : stage.terms)
      if (term_has(term.term, "on") && is_on(term) && term.on == on)
        found.push_back(fmt::format("{} ({})", stage.name, term.term));
  return found;
}

}  // namespace

TrainedNote trained_note(const RelationComparison& comparison, const Project* project, at::ScalarType computed_in) {
  if (!comparison.teacher) return {false, "There is no teacher to compare with."};
  std::string why;
  const std::string_view on = trained_name(comparison.student, why);
  if (on.empty()) return {false, why};
  if (comparison.averaged)
    return {false, "The models' tokens differ in number and were averaged; training compares them one by one."};
  if (!project)
    return {std::nullopt,
            fmt::format("A stage with relations on {} is trained on these; no project was given that says "
                        "whether there is one.",
                        on)};
  const std::vector<std::string> stages = stages_trained_on(*project, on);
  if (stages.empty()) return {false, fmt::format("No stage of the project is trained on relations of {}.", on)};
  if (precision_of(project->run.precision) != computed_in)
    return {false,
            fmt::format("{} is trained on these, but in {}, and here they were computed in {}.",
                        fmt::join(stages, ", "), project->run.precision, computed_in == at::kFloat ? "fp32" : "bf16")};
  return {true, fmt::format("Compared in training by {}.", fmt::join(stages, ", "))};
}

}  // namespace llavakd
