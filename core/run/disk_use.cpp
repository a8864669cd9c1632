// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/disk_use.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"

namespace llavakd {

namespace fs = std::filesystem;

int64_t bytes_below(const fs::path& folder) {
  std::error_code error;
  int64_t sum = 0;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;  // a file that is removed meanwhile ends nothing
    if (at->is_symlink(gone) || !at->is_regular_file(gone)) continue;
    const auto bytes = at->file_size(gone);
    if (!gone) sum += static_cast<int64_t>(bytes);
  }
  return sum;
}

int64_t bytes_freed(const std::vector<fs::path>& folders) {
  struct File {
    int64_t bytes = 0;
    uint64_t links = 0, seen = 0;
  };
  std::map<std::pair<dev_t, ino_t>, File> files;
  for (const fs::path& folder : folders) {
    std::error_code error;
    if (fs::is_symlink(folder, error)) continue;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      struct stat status {};
      if (lstat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      File& file = files[{status.st_dev, status.st_ino}];
      file.bytes = status.st_size;
      file.links = status.st_nlink;
      ++file.seen;
    }
  }
  int64_t sum = 0;
  for (const auto& [place, file] : files)
    if (file.seen >= file.links) sum += file.bytes;
  return sum;
}

RunDiskUse run_disk_use(const RunFolder& run) {
  return {
      .checkpoints = bytes_below(run.checkpoints()), .probes = bytes_below(run.probes()), .all = bytes_below(run.path)};
}

fs::path cache_folder_of(const RunFolder& run, const RunInfo& info) try {
  const auto options = options_from_json<Project>(info.project, "run.json: ").run;
  if (options.vision_cache != "on" && options.teacher_cache != "on") return {};
  const fs::path project_file = fs::absolute(run.path).parent_path().parent_path() / "project.kdproj";
  return resolve(project_file, options.cache_folder.empty() ? "cache" : options.cache_folder);
} catch (const UserError&) {
  return {};
}

int64_t free_bytes(const fs::path& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error || space.available == static_cast<std::uintmax_t>(-1)) return -1;
  return static_cast<int64_t>(
      std::min<std::uintmax_t>(space.available, static_cast<std::uintmax_t>(std::numeric_limits<int64_t>::max())));
}

}  // namespace llavakd
