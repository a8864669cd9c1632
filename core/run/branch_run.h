// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>

#include "core/run/run_folder.h"

namespace llavakd {

/// Makes a run that a resume goes on with from the newest whole checkpoint of `from`, which stays as it is: with that
/// checkpoint, the record up to it, and what was noted of the inputs. Throws UserError where an engine is at work on
/// `from`, it has no whole checkpoint, or place_of_new_run() refuses the id. A kill leaves no half branch.
RunFolder branch_run(const RunFolder& from, const std::filesystem::path& project_file, const std::string& id = {});

/// Fills the empty folder of a new run so. The caller holds the lock of `from`.
void write_branch(const RunFolder& from, const RunFolder& to);

}  // namespace llavakd
