// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// Bytes of the regular files below a folder; links count nothing. 0 where there is none.
int64_t bytes_below(const std::filesystem::path& folder);

/// Bytes that removing these folders frees. A file that has a link elsewhere, as those have that a branch shares, frees
/// none; nor does a folder that is a link.
int64_t bytes_freed(const std::vector<std::filesystem::path>& folders);

/// Bytes of a run's folder. Walks through it, which may take a while where there are thousands of probes.
struct RunDiskUse {
  int64_t checkpoints = 0;
  int64_t probes = 0;
  int64_t all = 0;  ///< With the two above.
};
RunDiskUse run_disk_use(const RunFolder& run);

/// The folder of the caches on disk that a run with this run.json uses, which other runs may share; empty where it uses
/// none. A relative one starts from where the run's project file is.
std::filesystem::path cache_folder_of(const RunFolder& run, const RunInfo& info);

/// Bytes that this process may still write on the folder's disk; -1 where the system doesn't tell.
int64_t free_bytes(const std::filesystem::path& folder);

}  // namespace llavakd
