// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// One option in which two projects differ; null where one of them doesn't have it.
struct ProjectDifference {
  std::string option;  ///< "stages.DFT.terms.NAME.weight", as --set names it.
  nlohmann::ordered_json was, is;
};

/// Where `is` differs from `was`, in the order of the project file. Stages and terms are compared by their names; what
/// only one of the two has is named as a whole, and another order of the stages is a difference of "stages".
std::vector<ProjectDifference> project_differences(const Project& was, const Project& is);

/// Two changes of one project put together.
struct MergedProject {
  Project project;
  std::vector<std::string>
      conflicts;  ///< Options that both changed to different values; `project` has those of `mine`.
};

/// Puts the changes from `base` to `mine` and from `base` to `theirs` together, option by option. Where the result
/// would be no project (a schedule that names a stage which the other side renamed), that is a conflict too, and the
/// result is `mine`.
MergedProject merge_projects(const Project& base, const Project& mine, const Project& theirs);

}  // namespace llavakd
