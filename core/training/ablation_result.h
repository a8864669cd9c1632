// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace llavakd {

/// One arm with one seed.
struct ArmScore {
  std::optional<double> score;  ///< Mean over the project's evaluations; nothing where one has no score.
  std::string score_is;         ///< What that number is, in words.
  int64_t steps = 0;            ///< Optimizer steps of the whole arm.
  /// The parts of the scores' breakdowns in percent, "FILE: PART" where there are several evaluations.
  std::map<std::string, double> breakdown;
};

struct ArmResult {
  std::string name;
  std::vector<ArmScore> scores;  ///< One per seed.
};

/// Mean and standard deviation (n − 1).
struct Spread {
  double mean = 0;
  std::optional<double> sd;  ///< Nothing for less than two values, which don't spread.
};
Spread spread(const std::vector<double>& values);

/// Whether eval/ holds a score of the run's evaluations. Throws like read_arm_score for a broken one.
bool has_arm_score(const std::filesystem::path& evaluations);
/// Reads the newest `eval/<stage>-<step>.json`. Throws UserError when it's missing or broken.
ArmScore read_arm_score(const std::filesystem::path& evaluations);

/// What ablate() returns.
nlohmann::ordered_json ablation_json(const std::vector<ArmResult>& arms, const std::vector<int64_t>& seeds);

}  // namespace llavakd
