// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>

#include "core/run/run_folder.h"

namespace llavakd {

/// Writes a project and its run of so many steps in three stages, with six terms, into a folder. Nobody trained it.
void make_long_run(const std::filesystem::path& folder, int64_t steps);

/// What make_long_run() writes.
std::filesystem::path long_run_project(const std::filesystem::path& folder);
RunFolder long_run(const std::filesystem::path& folder);

/// Writes a project and so many short runs of it, of which a list has lines with three terms.
void make_many_runs(const std::filesystem::path& folder, int count);

/// Goes on with a run of `done` steps as an engine would, for `count` steps, twenty a second. The run says that it is
/// running meanwhile.
void continue_long_run(const std::filesystem::path& folder, int64_t done, int64_t count);

}  // namespace llavakd
