// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <vector>

#include "core/preflight/preflight.h"

namespace llavakd {

/// What all checks look at. Each check adds its items in the order in which they are shown.
struct CheckedProject {
  const Project& project;
  const std::filesystem::path& file;
  std::vector<StageOptions> stages;  ///< In the order in which they run.
  bool every_picture = false;        ///< Also opens each picture of the data: minutes, where there are many.
};

/// Whether a student is chosen: a checkpoint, or both of its parts.
bool has_student(const Project& project);

/// Student and teacher, and how they fit.
void check_models(const CheckedProject& checked, ModelFacts student, std::vector<PreflightItem>& items);

/// The tokenizer, and whether the templates are made for it.
void check_templates(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// The data of each stage.
void check_stage_data(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// Probes and evaluations.
void check_questions(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// Disk and memory.
void check_machine(const CheckedProject& checked, const ModelFacts& student, std::vector<PreflightItem>& items);

}  // namespace llavakd
