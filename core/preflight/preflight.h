// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/matching.h"
#include "core/project/options.h"

namespace llavakd {

/// One thing that was looked at before a run.
struct PreflightItem {
  std::string name;  ///< "Vocabulary", "Data of DPT", "Disk", …
  MatchLevel level = MatchLevel::green;
  std::string finding;  ///< What was found.
  std::string remedy;   ///< What to do; empty when green.
};

/// The student's facts: its checkpoint's, or its parts' together.
ModelFacts student_facts(const Project& project, const std::filesystem::path& project_file);

/// Looks at everything that a run needs, from headers and texts alone: models and how they fit, template and tokenizer,
/// the data of each scheduled stage, disk and memory. Wrong input is a red item, not an exception.
std::vector<PreflightItem> preflight(const Project& project, const std::filesystem::path& project_file);

/// Throws UserError with the first red item that waiting or a smaller model would not cure: models, tokenizer, data,
/// probes and evaluations. A run that begins after this has what it needs to the end. The pictures of the data aren't
/// looked at one by one: samples without theirs are skipped and counted.
void refuse_red(const Project& project, const std::filesystem::path& project_file);

/// {"level", "items": [{"name", "level", "finding", "remedy"}]}
nlohmann::ordered_json to_json(const std::vector<PreflightItem>& items);

}  // namespace llavakd
