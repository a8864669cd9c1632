// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace llavakd {

/// What the steps of a stage took in a run, compared with what was expected of them.
struct StageInRun {
  int64_t steps = 0;
  double seconds = 0;       ///< Of all steps.
  double memory_bytes = 0;  ///< The highest.
  double predicted_seconds = NAN, predicted_memory_bytes = NAN;
};

/// What the project's newest run says of time and memory.
struct NewestRun {
  std::string id;  ///< Empty: there is none.
  std::map<std::string, StageInRun> stages;
  std::map<std::string, std::vector<double>> phases;  ///< Seconds a sample of each step, without zeros.

  /// Seconds a sample in nine of ten steps, for a phase; nothing where no step tells.
  std::optional<double> phase_seconds(const std::string& phase) const;
};

/// Reads the run's events: seconds, where they are many.
NewestRun read_newest_run(const std::filesystem::path& project_file);

}  // namespace llavakd
