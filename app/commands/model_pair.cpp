// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/model_pair.h"

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

LoadedModel teacher_of(const PairSource& source, const std::optional<Project>& project) {
  if (!source.teacher.empty()) return load_model(model_folder_of(source.teacher));
  if (project) return load_teacher(*project, source.project);
  throw UserError("There is no teacher to compare with: give a project, or --teacher and --student.");
}

LoadedModel student_of(const PairSource& source, const std::optional<Project>& project) {
  if (!source.student.empty()) return load_model(model_folder_of(source.student));
  if (!project) throw UserError("There is no student: give a project, or --teacher and --student.");
  const auto trained = newest_model(source.project);
  return trained ? load_model(*trained) : load_student(*project, source.project);
}

}  // namespace

void add_pair_options(CLI::App& command, PairSource& source) {
  command.add_option("project", source.project, "Project file: its teacher and its newest student.");
  command.add_option("--teacher", source.teacher, "Folder of the teacher.");
  command.add_option("--student", source.student, "Folder of the student.");
  command.add_option("--template", source.conversation_template,
                     "Prompt format; otherwise as the student's config or its run says, or the project's.");
  command.add_option("--aspect", source.aspect,
                     "square or pad; otherwise the project's, or as the model's config says.");
}

ModelPair open_pair(const PairSource& source) {
  std::optional<Project> project;
  if (!source.project.empty()) project = load_project(source.project);
  ModelPair pair{project, teacher_of(source, project), student_of(source, project), {}, source.aspect};
  refuse_mismatch(pair.teacher, pair.student);
  if (pair.aspect.empty() && project) pair.aspect = project->image.aspect_ratio;
  pair.used = template_of_pair(source.conversation_template, project ? &*project : nullptr, pair.teacher, pair.student);
  return pair;
}

ModelTemplate template_of_pair(const std::string& asked, const Project* project, const LoadedModel& teacher,
                               const LoadedModel& student) {
  ModelTemplate used = template_of_model(student, asked);
  if (!used.is_guess()) return used;
  if (project) return {project->conversation_template, "the project"};
  ModelTemplate of_teacher = known_template_of(teacher);
  return of_teacher.name.empty() ? used : of_teacher;
}

PreparationOptions preparation_for(const LoadedModel& student, const ModelTemplate& used, const std::string& file,
                                   const std::string& images, const std::string& aspect, int64_t max_length) {
  PreparationOptions how;
  how.images_folder = images_folder(file, images);
  how.conversation_template = &conversation_template(used.name);
  how.visual_tokens = student.model.config().visual_tokens();
  how.max_length = max_length > 0 ? max_length : student.model.config().tokenizer_model_max_length;
  how.processor = student.processor;
  how.aspect = aspect_of(student, aspect);
  return how;
}

}  // namespace llavakd
