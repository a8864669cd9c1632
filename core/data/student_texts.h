// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/data/data_check.h"
#include "core/model_spec/model_facts.h"
#include "core/project/options.h"

namespace llavakd {

/// What decides of a project's texts before its models are open: the student's tokenizer and, by its headers, what an
/// image takes.
struct StudentTexts {
  Tokenizer tokenizer;
  TextRules rules;  ///< Without the tokenizer: rules_of adds it.
};

/// The project's student with the project's template and max_length. Throws UserError when the tokenizer can't be read.
StudentTexts student_texts(const Project& project, const std::filesystem::path& project_file,
                           const ModelFacts& student);

/// The template that a stage's texts go through: its own, or the project's.
const ConversationTemplate& template_of(const Project& project, const StageOptions& stage);

/// The rules with their tokenizer; `texts` must outlive them.
TextRules rules_of(const StudentTexts& texts);
/// The same with the stage's template.
TextRules rules_of(const StudentTexts& texts, const Project& project, const StageOptions& stage);

}  // namespace llavakd
