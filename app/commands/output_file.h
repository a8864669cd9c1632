// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Refuses, before any work is done, an output file that can't be written (refuse_unwritable), or that is one of the
/// command's own inputs: one of these files, or a file that is in one of these folders. Names that are empty or lead
/// nowhere count for nothing. Throws UserError.
void refuse_output(const std::filesystem::path& out, const std::vector<std::filesystem::path>& inputs);

/// The project's file and all files and folders that it names: data, questions, probes, models; but for the folders of
/// pictures, which may be anything's.
std::vector<std::filesystem::path> files_of_project(const Project& project, const std::filesystem::path& file);
/// The same of a project that isn't loaded yet; of no file nothing. Throws UserError for a broken one.
std::vector<std::filesystem::path> files_of_project(const std::filesystem::path& file);

}  // namespace llavakd
