// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/run/ablation_result.h"

namespace llavakd {

/// Runs of `llavakd ablate` that were made with the same options but for schedule and seed, so that their scores can be
/// compared.
struct AblationList {
  std::vector<ArmResult> arms;  ///< Those with a score, short schedules first; each has a score for each seed.
  std::vector<int64_t> seeds;   ///< Ascending.
  double when = 0;              ///< Seconds since 1970: when its newest run was started.
  int64_t runs = 0;             ///< Those of beginnings that arms share included.
  int64_t at_work = 0;          ///< Of them, those with an engine at work.
};

/// The ablations next to the project file that belong to it, newest first. A run whose score can't be read has none.
std::vector<AblationList> list_ablations(const std::filesystem::path& project_file);

/// ablation_json() with the arm `baseline` first, so that all others have a difference to it; empty: the first one as
/// it is. Throws UserError that lists the arms when there is no such one.
nlohmann::ordered_json ablation_table(AblationList ablation, const std::string& baseline);

}  // namespace llavakd
