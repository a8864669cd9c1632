// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/data/student_texts.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/text/label_reason.h"

namespace llavakd {
namespace {

using Items = std::vector<PreflightItem>;

constexpr const char* choose_template = "Choose the template that the language model's tokenizer was made for.";

/// Why nothing would be learnt from the stage's samples, or nothing. Data that can't be read has an item of its own.
std::optional<std::string> masked_reason(const CheckedProject& checked, const StageOptions& stage) {
  try {
    if (stage.data.empty()) return std::nullopt;
    const Dataset& dataset = checked.data.at(resolve(checked.file, stage.data));
    return nothing_learnt_reason(dataset, rules_of(*checked.texts, checked.project, stage));
  } catch (const UserError&) {
    return std::nullopt;
  }
}

/// The template that models of the student's family were trained with, where the tokenizer has what it needs; else the
/// field.
std::vector<PreflightFix> use_guess(const CheckedProject& checked, const std::string& guess, const std::string& key) {
  if (guess.empty() || !contains(catalog::conversation_templates(), guess) ||
      template_fault(checked.texts->tokenizer, conversation_template(guess)))
    return {edit_fix(key)};
  return {set_fix("Use " + guess, {key + "=" + guess})};
}

/// One template with the stages whose texts go through it. That a template doesn't fit is a warning, unless the run
/// would learn nothing for it.
PreflightItem template_item(const CheckedProject& checked, const std::vector<const StageOptions*>& stages,
                            const ConversationTemplate& form, const std::string& name,
                            std::vector<PreflightFix> fixes) {
  const auto fault = template_fault(checked.texts->tokenizer, form);
  if (!fault) return {name, MatchLevel::green, fmt::format("{} fits the tokenizer", form.name), ""};
  for (const StageOptions* stage : stages) {
    const auto reason = masked_reason(checked, *stage);
    if (!reason) continue;
    return {name, MatchLevel::red,
            fmt::format("stage {} with the template {} would learn from none of ten samples: {}", stage->name,
                        form.name, *reason),
            choose_template, std::move(fixes)};
  }
  return {name, MatchLevel::amber, *fault, choose_template, std::move(fixes)};
}

}  // namespace

void check_templates(CheckedProject& checked, const ModelFacts& student, Items& items) {
  try {
    checked.texts = student_texts(checked.project, checked.file, student);
  } catch (const UserError& error) {
    const StudentOptions& chosen = checked.project.student;
    const std::string& folder = chosen.checkpoint.empty() ? chosen.language_model : chosen.checkpoint;
    items.push_back({"Tokenizer",
                     MatchLevel::red,
                     error.what(),
                     "Put the tokenizer's files next to the language model.",
                     {show_fix(resolve(checked.file, folder))}});
    return;
  }
  std::vector<const StageOptions*> common;
  for (const StageOptions& stage : checked.stages)
    if (stage.conversation_template.empty()) common.push_back(&stage);
  const std::string& guess = student.own_template.empty() ? student.template_guess : student.own_template;
  items.push_back(template_item(checked, common, *checked.texts->rules.conversation_template, "Template of the project",
                                use_guess(checked, guess, "template")));
  for (const StageOptions& stage : checked.stages) {
    if (!stage.conversation_template.empty())
      items.push_back(template_item(checked, {&stage}, template_of(checked.project, stage), "Template of " + stage.name,
                                    use_guess(checked, guess, stage_key(checked.project, stage, "template"))));
  }
}

}  // namespace llavakd
