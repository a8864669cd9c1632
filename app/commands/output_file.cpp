// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/output_file.h"

#include <fmt/format.h>

#include <string>
#include <system_error>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// Whether the file is this one, or somewhere in this folder, whatever links lead there.
bool is_or_holds(const fs::path& input, const fs::path& file) {
  std::error_code error;
  for (fs::path each = fs::weakly_canonical(file, error); !each.empty(); each = each.parent_path()) {
    if (fs::equivalent(each, input, error)) return true;
    if (each == each.root_path()) break;
  }
  return false;
}

}  // namespace

void refuse_output(const fs::path& out, const std::vector<fs::path>& inputs) {
  refuse_unwritable(out);
  std::error_code error;
  if (!fs::exists(out, error)) return;
  for (const fs::path& input : inputs)
    if (!input.empty() && fs::exists(input, error) && is_or_holds(input, out))
      throw UserError(fmt::format("{} would be lost: it is {}, which is read here. Give the output another name.",
                                  out.string(), fs::is_directory(input, error) ? "in " + input.string() : "an input"));
}

std::vector<fs::path> files_of_project(const Project& project, const fs::path& file) {
  std::vector<fs::path> files{file};
  const auto add = [&](const std::string& name) {
    if (!name.empty()) files.push_back(resolve(file, name));
  };
  for (const std::string* name : {&project.teacher.checkpoint, &project.student.checkpoint,
                                  &project.student.language_model, &project.student.vision_tower})
    add(*name);
  for (const StageOptions& stage : project.stages) add(stage.data);
  for (const EvaluationOptions& evaluation : project.evaluations) add(evaluation.file);
  for (const ProbeOptions& probe : project.probes) add(probe.image);
  return files;
}

std::vector<fs::path> files_of_project(const fs::path& file) {
  return file.empty() ? std::vector<fs::path>{} : files_of_project(load_project(file), file);
}

}  // namespace llavakd
