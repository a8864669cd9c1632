// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/named_runs.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"

namespace llavakd {

void refuse_missing_project(const std::string& project) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(project, error))
    throw UserError(fmt::format("There is no project file {}.", project));
}

ListedRun any_run(const std::string& project, const std::string& id) {
  refuse_missing_project(project);
  std::vector<std::string> names;
  for (ListedRun& run : all_runs(project)) {
    if (run.folder.id() == id) return std::move(run);
    names.push_back(run.folder.id());
  }
  throw UserError(names.empty() ? fmt::format("There is no run \"{}\": {} has none.", id, project)
                                : fmt::format("There is no run \"{}\"; there are {}.", id, name_list(names)));
}

RunFolder own_run(const std::string& project, const std::string& id) {
  const ListedRun run = any_run(project, id);
  if (run.fault.empty() && !run.belongs)
    throw UserError(fmt::format("The run {} belongs to another project, {}. Name that one.", id, run.owner));
  return run.folder;
}

RunFolder run_at(const std::string& path) {
  std::filesystem::path folder = std::filesystem::absolute(path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // a slash at the end
  std::error_code error;
  if (!std::filesystem::is_regular_file(RunFolder{folder}.info(), error))
    throw UserError(fmt::format("{} is no run. Give a folder such as runs/2026-11-24-101500.", folder.string()));
  return {folder};
}

void refuse_without_yes(const std::string& what, int64_t bytes) {
  throw UserError(
      fmt::format("Nothing is deleted yet: {}, {}. Give --yes to delete it for good.", what, size_text(bytes)));
}

}  // namespace llavakd
