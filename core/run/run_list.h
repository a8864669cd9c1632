// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// A folder in `runs/` and what its run.json says.
struct ListedRun {
  RunFolder folder;
  RunInfo info;
  std::string fault;     ///< Why run.json can't be read; `info` is empty then.
  double when = 0;       ///< Seconds since 1970: its start, or where that can't be read, its folder's last change.
  bool belongs = false;  ///< To this project.
  std::string owner;     ///< Name of the file of the project that it belongs to, where that is known.
};

/// All runs next to the project file, newest first: those of other projects and those with a damaged run.json too. A
/// run belongs to the project whose id it has; without one, of an earlier version or of a project without an id, to the
/// project file that it names. Folders without a run.json are none.
std::vector<ListedRun> all_runs(const std::filesystem::path& project_file);

/// The project's own runs, newest first; without those of ablations and those that can't be read.
std::vector<RunFolder> list_runs(const std::filesystem::path& project_file);

/// The run to go on with: the one of this id, else the project's newest unfinished one, else its newest; without an id
/// none that holds what another left as it went back. Throws UserError: there is none; it belongs to another project or
/// to an ablation; its run.json is damaged, or without an id that of a run which may be newer.
RunFolder find_run(const std::filesystem::path& project_file, const std::string& id = {});

}  // namespace llavakd
