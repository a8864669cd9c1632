// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "core/data/sample_sets.h"
#include "core/data/student_texts.h"
#include "core/image/processor.h"

namespace llavakd {

/// How a model of a project reads samples, by its files alone: no weight is opened.
struct ModelInput {
  StudentTexts texts;  ///< Of the teacher likewise.
  AspectRatio aspect = AspectRatio::square;
  std::optional<ImageProcessor> processor;  ///< Nothing where it can't be known.
  std::string processor_fault;              ///< Why; a sentence.
};

/// Of the project's student and teacher, whose facts are known. Throws UserError where the model's files don't say how
/// texts are read: the first of its faults, or the tokenizer's.
ModelInput student_input(const Project& project, const std::filesystem::path& project_file, const ModelFacts& student);
ModelInput teacher_input(const Project& project, const std::filesystem::path& project_file, const ModelFacts& teacher);

/// The rules for the texts of a set; `input` must outlive them.
TextRules rules_of(const ModelInput& input, const SampleSet& set);

}  // namespace llavakd
