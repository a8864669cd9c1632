// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/run/bundle.h"

namespace llavakd {

/// Where a bundle's inputs are on this machine.
struct FoundInputs {
  /// By "model", "data" or "pictures" and key: the file of that content.
  std::map<std::pair<std::string, std::string>, std::filesystem::path> files;
  std::vector<std::string> missing;  ///< Keys of those that nothing with their content was found for.
  std::vector<std::string> unknown;  ///< Keys whose hash the run never took: it ended before.
  bool all_there() const { return missing.empty() && unknown.empty(); }
};

/// Looks through the folders, and files by themselves, for what the bundle needs: by size first, then by SHA-256, as
/// the run took it. Links to files count as files, links to folders are not followed. `progress` is told of each file
/// whose content is read.
FoundInputs find_inputs(const std::vector<BundleNeed>& needs, const KnownInputs& known,
                        const std::vector<std::filesystem::path>& folders,
                        const std::function<void(const std::filesystem::path&)>& progress = {});

/// Puts links to what was found below the new folder `place`, each under the name that the run knew it by, and gives
/// the path to write into options instead of the need's own, relative to `project_folder`. Names that would lead out of
/// the folder are refused with a UserError.
std::map<std::pair<std::string, std::string>, std::string> place_inputs(const std::vector<BundleNeed>& needs,
                                                                        const KnownInputs& known,
                                                                        const FoundInputs& found,
                                                                        const std::filesystem::path& project_folder);

/// Sets every option that names an input to where it was placed, and every other option that names a file or a folder,
/// caches among them, to nothing: no path of a bundle is ever followed. For the project as it is trained, after all
/// that a record says has been put together.
void redirect_inputs(Project& project, const std::map<std::pair<std::string, std::string>, std::string>& placed);

}  // namespace llavakd
