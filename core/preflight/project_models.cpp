// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/project_models.h"

#include "core/base/errors.h"
#include "core/image/processor_text.h"
#include "core/model_spec/matching.h"
#include "core/project/project_file.h"

namespace llavakd {

namespace fs = std::filesystem;

bool has_student(const Project& project) {
  return !project.student.checkpoint.empty() ||
         (!project.student.language_model.empty() && !project.student.vision_tower.empty());
}

ModelFacts student_facts(const Project& project, const fs::path& project_file) {
  const StudentOptions& student = project.student;
  if (!student.checkpoint.empty()) return read_model_facts(resolve(project_file, student.checkpoint));
  return combine_parts(read_model_facts(resolve(project_file, student.language_model)),
                       read_model_facts(resolve(project_file, student.vision_tower)),
                       student.connector.empty() ? "mlp2x_gelu" : student.connector, student.num_queries);
}

ModelFacts teacher_facts(const Project& project, const fs::path& project_file) {
  return read_model_facts(resolve(project_file, project.teacher.checkpoint));
}

void add_processor(ModelFacts& facts) {
  if (facts.tower.type.empty()) return;
  try {
    facts.processor =
        processor_text(processor_of_folder(facts.image_processor_from, facts.tower.type, facts.tower.image_size));
  } catch (const UserError& error) {
    facts.faults.emplace_back(error.what());
  }
}

int64_t bytes_of_weight(const Project& project) {
  return project.run.precision == "bf16" ? 2 : 4;
}

}  // namespace llavakd
