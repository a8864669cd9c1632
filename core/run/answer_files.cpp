// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/answer_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr const char* teacher_name = "teacher";

AskedModel asked_model(const Project& project, const fs::path& project_file, const EvaluationOptions& evaluation) {
  AskedModel asked{.who = {}, .model = {}, .evaluation = evaluation, .conversation_template = {}, .aspect_ratio = {}};
  asked.evaluation.file = resolve(project_file, evaluation.file).string();
  asked.evaluation.images = images_folder(project_file, evaluation.file, evaluation.images).string();
  asked.conversation_template = project.conversation_template;
  asked.aspect_ratio = project.image.aspect_ratio;
  asked.max_length = project.max_length;
  asked.precision = project.run.precision;
  asked.device = project.run.device;
  return asked;
}

/// Names, sizes and times of a model's files.
std::string stamp_of_model(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_regular_file(error)) continue;
    const auto time = entry.last_write_time(error).time_since_epoch().count();
    files.push_back(fmt::format("{} {} {}", entry.path().filename().string(), entry.file_size(error), time));
  }
  std::ranges::sort(files);
  return fmt::format("{}", fmt::join(files, "\n"));
}

/// What of a name may stand in a file's name.
std::string file_stem_of(const fs::path& file) {
  std::string stem = file.stem().string().substr(0, 60);
  for (char& c : stem)
    if (c == '/' || static_cast<unsigned char>(c) < ' ') c = '_';
  return stem.empty() ? "questions" : stem;
}

std::string answers_name(const AskedModel& asked) {
  constexpr size_t digits = 16;
  const std::string key = sha256(
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", sha256_of_file(asked.evaluation.file), asked.evaluation.task,
                  asked.evaluation.images, asked.conversation_template, asked.aspect_ratio, asked.max_length,
                  asked.precision, asked.device, stamp_of_model(asked.model)));
  return fmt::format("{}-{}", file_stem_of(asked.evaluation.file), key.substr(0, digits));
}

}  // namespace

AskedModel asked_teacher(const Project& project, const fs::path& project_file, const EvaluationOptions& evaluation) {
  if (project.teacher.checkpoint.empty())
    throw UserError(
        "The project has no teacher whose answers the student's could be compared with. Set "
        "teacher.checkpoint, or give two files of answers.");
  AskedModel asked = asked_model(project, project_file, evaluation);
  asked.who = teacher_name;
  asked.model = resolve(project_file, project.teacher.checkpoint);
  return asked;
}

AskedModel asked_student(const Project& project, const fs::path& project_file, const EvaluationOptions& evaluation,
                         const fs::path& checkpoint) {
  AskedModel asked = asked_model(project, project_file, evaluation);
  asked.who = checkpoint.filename().string();
  asked.model = model_folder_of(checkpoint);
  return asked;
}

fs::path answers_path(const RunFolder& run, const AskedModel& asked) {
  return run.answers() / asked.who / (answers_name(asked) + ".jsonl");
}

std::optional<fs::path> kept_answers_path(const RunFolder& run, const AskedModel& asked) {
  const fs::path own = answers_path(run, asked);
  std::error_code error;
  if (fs::is_regular_file(own, error)) return own;
  if (asked.who != teacher_name) return std::nullopt;
  for (const auto& other : fs::directory_iterator(run.path.parent_path(), error)) {
    const fs::path kept = RunFolder{other.path()}.answers() / teacher_name / own.filename();
    if (fs::is_regular_file(kept, error)) return kept;
  }
  return std::nullopt;
}

fs::path picture_map_path(const RunFolder& run, const AskedModel& asked) {
  return run.answers() / asked.who / (answers_name(asked) + ".map.json");
}

}  // namespace llavakd
