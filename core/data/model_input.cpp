// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/model_input.h"

#include "core/base/errors.h"
#include "core/image/processor_text.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/load_tokenizer.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

void refuse_faulty(const ModelFacts& facts) {
  if (!facts.faults.empty()) throw UserError(facts.faults.front());
}

ModelInput input_of(const Project& project, const ModelFacts& facts, StudentTexts texts) {
  ModelInput input{.texts = std::move(texts),
                   .aspect = aspect_ratio_from_name(project.image.aspect_ratio),
                   .processor = {},
                   .processor_fault = {}};
  try {
    if (!facts.tower.type.empty())
      input.processor = processor_of_folder(facts.image_processor_from, facts.tower.type, facts.tower.image_size);
  } catch (const UserError& error) {
    input.processor_fault = error.what();
  }
  return input;
}

}  // namespace

ModelInput student_input(const Project& project, const std::filesystem::path& project_file, const ModelFacts& student) {
  refuse_faulty(student);
  return input_of(project, student, student_texts(project, project_file, student));
}

ModelInput teacher_input(const Project& project, const std::filesystem::path& project_file, const ModelFacts& teacher) {
  refuse_faulty(teacher);
  return input_of(project, teacher,
                  {load_tokenizer(tokenizer_folder(resolve(project_file, project.teacher.checkpoint))),
                   {.conversation_template = &conversation_template(project.conversation_template),
                    .visual_tokens = teacher.visual_tokens,
                    .max_length = project.max_length}});
}

TextRules rules_of(const ModelInput& input, const SampleSet& set) {
  TextRules rules = rules_of(input.texts);
  rules.conversation_template = set.conversation_template;
  return rules;
}

}  // namespace llavakd
