// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// A value of an option, from a step of the run on.
struct OptionValue {
  int64_t from_step = 0;
  nlohmann::ordered_json value;  ///< Null where the option is absent.
  bool operator==(const OptionValue&) const = default;
};

/// One option that decides a result, in several runs.
struct OptionRow {
  std::string stage;   ///< Empty: of the project.
  std::string option;  ///< Within the stage, or as --set names it: "terms.TERM.weight", "run.seed".
  /// One a run: the values that it ran with, the newest last. More than one: a resume changed the option. None: the
  /// run has no such option.
  std::vector<std::vector<OptionValue>> runs;
  bool differs = false;  ///< Between those runs of which options are known: not imported ones.
};

/// The options of several runs, by stage, as their stages ran (RunInfo::stages); stages that a run hasn't come to, and
/// those of runs of earlier versions, which didn't note that, as run.json's configuration has them. All options, in the
/// order of the first run's; those of the project come first. A stage that a schedule has twice is "DFT (2)" then.
std::vector<OptionRow> run_difference(const std::vector<RunInfo>& runs);

/// "0.5", or "0.5, from step 40 on 0.7"; "–" where there is none.
std::string to_text(const std::vector<OptionValue>& values);

}  // namespace llavakd
