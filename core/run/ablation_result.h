// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace llavakd {

/// One arm with one seed.
struct ArmScore {
  std::optional<double> score;  ///< Mean over the project's evaluations; nothing where one has no score.
  std::string score_is;         ///< What that number is, in words.
  int64_t steps = 0;            ///< Optimizer steps of the whole arm; 0 where its run isn't there yet.
  /// The parts of the scores' breakdowns in percent, "FILE: PART" where there are several evaluations.
  std::map<std::string, double> breakdown;
  std::string run = {};  ///< Its run's id, where it comes from a list of runs.
};

struct ArmResult {
  std::string name;
  std::vector<ArmScore> scores;  ///< One per seed.
};

/// Mean, standard deviation (n − 1), and the interval that holds the true mean with 95 % confidence where the values
/// are normally distributed (Student's t with n − 1 degrees of freedom). The last two are nothing for less than two
/// values, which don't spread.
struct Spread {
  double mean = 0;
  std::optional<double> sd = {};
  std::optional<std::pair<double, double>> interval = {};
};
Spread spread(const std::vector<double>& values);

/// Whether eval/ holds a score of the run's evaluations. Throws like read_arm_score for a broken one.
bool has_arm_score(const std::filesystem::path& evaluations);
/// Reads the newest `eval/<stage>-<step>.json`. Throws UserError when it's missing or broken.
ArmScore read_arm_score(const std::filesystem::path& evaluations);

/// The arms' scores, and for each two arms their differences with the same seed:
/// {"arms": {ARM: {"scores": [one per seed], "mean", "sd", "steps", "types": {PART: mean over seeds}}}, "score_is":
/// what a score is in words, "seeds", "differences": [{"arm", "minus" (an arm before it), "scores": [one per seed],
/// "mean", "sd", "interval": [from, to], "equal_steps"}], "stopped": false}; PART is one of the scores' breakdowns. A
/// score is null where no question could be asked or the run isn't there yet; means are over those that there are, null
/// where there are none; sd and interval over less than two of them are null.
nlohmann::ordered_json ablation_json(const std::vector<ArmResult>& arms, const std::vector<int64_t>& seeds);

/// The result as two Markdown tables: scores, and paired differences with the equal-step controls marked.
std::string ablation_tables(const nlohmann::ordered_json& result);

}  // namespace llavakd
