// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/arms.h"
#include "core/project/options.h"
#include "core/run/events.h"
#include "core/run/run_control.h"

namespace llavakd {

/// The project with a schedule of every stage that the arms run, each once: what has to be looked at before they start.
Project project_of_arms(const Project& project, const std::vector<Arm>& arms);

struct AblateOptions {
  int64_t jobs = 1;  ///< Seeds that run at the same time, each on its share of the threads.
  /// Told of each event of each run, from one thread at a time: the run's id and the event.
  std::function<void(const std::string&, const Event&)> progress;
};

/// Runs each arm with each seed and scores it with the project's evaluations. Arms of a seed that begin with the same
/// stages share the run of those stages, start from the same connector and see the data in the same order, so that
/// their differences are paired. Each stage is a run of its own, `runs/ablate-<stages so far>-s<seed>`; what is
/// finished isn't run again, what was interrupted goes on. Returns ablation_json() of the arms in this order, or
/// {"stopped": true}. Throws UserError when the project has no evaluation or when a run in the way was made with other
/// options.
nlohmann::ordered_json ablate(const Project& project, const std::filesystem::path& project_file,
                              const std::vector<Arm>& arms, const std::vector<int64_t>& seeds, RunControl& control,
                              const AblateOptions& options = {});

}  // namespace llavakd
