// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "core/run/run_list.h"

namespace llavakd {

// What the commands that are given runs have in common. All throw UserError.

void refuse_missing_project(const std::string& project);

/// Any run in the folder of the project file.
ListedRun any_run(const std::string& project, const std::string& id);

/// One that this project may change.
RunFolder own_run(const std::string& project, const std::string& id);

/// The run in a folder such as runs/2026-11-24-101500.
RunFolder run_at(const std::string& path);

/// What would be deleted, for people; nothing has been yet.
[[noreturn]] void refuse_without_yes(const std::string& what, int64_t bytes);

}  // namespace llavakd
