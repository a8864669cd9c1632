// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/input_hashes.h"

#include <algorithm>
#include <optional>

#include "core/io/mapped_file.h"
#include "core/io/sha256.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

std::optional<std::string> hash_of(const std::filesystem::path& path, const std::stop_token& stop) {
  constexpr size_t piece = size_t{4} << 20;
  try {
    const auto file = MappedFile::open(path);
    Sha256 hash;
    for (std::string_view rest = file->text(); !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      if (stop.stop_requested()) return std::nullopt;
      hash.add(rest.substr(0, piece));
    }
    return hash.finish();
  } catch (const UserError&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::filesystem::path> input_files(const Project& project, const std::filesystem::path& project_file) {
  std::vector<std::filesystem::path> files;
  const auto add = [&](const std::string& path) {
    const auto whole = resolve(project_file, path);
    std::error_code error;
    if (std::filesystem::is_regular_file(whole, error)) files.push_back(whole);
    if (path.empty() || !std::filesystem::is_directory(whole, error)) return;
    // A folder that can't be read hides its own files only.
    using Iterator = std::filesystem::recursive_directory_iterator;
    Iterator entry(whole, std::filesystem::directory_options::skip_permission_denied, error);
    for (; entry != Iterator(); entry.increment(error))
      if (entry->is_regular_file(error)) files.push_back(entry->path());
  };
  for (const std::string& path : {project.teacher.checkpoint, project.student.checkpoint,
                                  project.student.language_model, project.student.vision_tower})
    add(path);
  for (const StageOptions& stage : scheduled_stages(project)) add(stage.data);
  for (const EvaluationOptions& evaluation : project.evaluations) add(evaluation.file);
  for (const ProbeOptions& probe : project.probes) add(probe.image);
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

InputHashes::InputHashes(std::vector<std::filesystem::path> files)
    : thread_([this, files = std::move(files)](const std::stop_token& stop) {
        for (const auto& file : files) {
          const auto hash = hash_of(file, stop);
          if (stop.stop_requested()) return;
          result_[file.string()] = hash ? nlohmann::ordered_json(*hash) : nlohmann::ordered_json();
        }
        ready_ = true;
      }) {}

}  // namespace llavakd
