// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "core/checkpoint/model_template.h"
#include "core/data/loader.h"
#include "core/project/options.h"

namespace llavakd {

/// Where a command takes teacher and student from, and how both are asked; what is empty is found out.
struct PairSource {
  std::string project, teacher, student, conversation_template, aspect;
};

/// Teacher and student with the one template that both are asked with: they are given the same tokens.
struct ModelPair {
  std::optional<Project> project;
  LoadedModel teacher, student;
  ModelTemplate used;
  std::string aspect;  ///< "square" or "pad"; empty: as each model's config says.
};

/// Adds the project, --teacher, --student, --template and --aspect to a command.
void add_pair_options(CLI::App& command, PairSource& source);

/// The project's teacher and its newest student (as training begins, where none is trained), or the named folders.
/// Throws UserError where one of the two is missing or they don't fit (refuse_mismatch).
ModelPair open_pair(const PairSource& source);

/// What `asked` names; else what the student, the project (where there is one) or the teacher says; else a guess.
ModelTemplate template_of_pair(const std::string& asked, const Project* project, const LoadedModel& teacher,
                               const LoadedModel& student);

/// How the samples of a data file are made ready for the student, with their pictures. `images` empty: the file's own
/// folder; `max_length` 0: as the student's config says.
PreparationOptions preparation_for(const LoadedModel& student, const ModelTemplate& used, const std::string& file,
                                   const std::string& images, const std::string& aspect, int64_t max_length);

}  // namespace llavakd
