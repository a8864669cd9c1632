// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>

#include "core/model_spec/model_facts.h"
#include "core/project/options.h"

namespace llavakd {

/// Whether a student is chosen: a checkpoint, or both of its parts.
bool has_student(const Project& project);

/// The student's facts: its checkpoint's, or its parts' together. Call it only where has_student().
ModelFacts student_facts(const Project& project, const std::filesystem::path& project_file);

/// The teacher's facts. Call it only where a teacher is chosen.
ModelFacts teacher_facts(const Project& project, const std::filesystem::path& project_file);

/// Fills in how the model's pictures are prepared (`processor`); what keeps that from being known becomes a fault.
void add_processor(ModelFacts& facts);

/// Bytes of a weight in the precision of the project's runs.
int64_t bytes_of_weight(const Project& project);

}  // namespace llavakd
