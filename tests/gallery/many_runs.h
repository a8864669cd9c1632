// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/run/run_folder.h"

namespace llavakd {

/// Writes twenty runs next to the project file which differ from `trained` in their numbers, options, ends, notes and
/// tags; the newest has its checkpoints and probes, too.
void writeManyRuns(const RunFolder& trained, const std::filesystem::path& projectFile);

}  // namespace llavakd
