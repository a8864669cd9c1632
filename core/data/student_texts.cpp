// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/student_texts.h"

#include "core/model_spec/foreign_config.h"
#include "core/model_spec/load_tokenizer.h"
#include "core/project/project_file.h"

namespace llavakd {

StudentTexts student_texts(const Project& project, const std::filesystem::path& file, const ModelFacts& facts) {
  const StudentOptions& student = project.student;
  const auto model = resolve(file, student.checkpoint.empty() ? student.language_model : student.checkpoint);
  return {load_tokenizer(tokenizer_folder(model)),
          {.conversation_template = &conversation_template(project.conversation_template),
           .visual_tokens = facts.visual_tokens,
           .max_length = project.max_length}};
}

const ConversationTemplate& template_of(const Project& project, const StageOptions& stage) {
  return conversation_template(stage.conversation_template.empty() ? project.conversation_template
                                                                   : stage.conversation_template);
}

TextRules rules_of(const StudentTexts& texts) {
  TextRules rules = texts.rules;
  rules.tokenizer = &texts.tokenizer;
  return rules;
}

TextRules rules_of(const StudentTexts& texts, const Project& project, const StageOptions& stage) {
  TextRules rules = rules_of(texts);
  rules.conversation_template = &template_of(project, stage);
  return rules;
}

}  // namespace llavakd
