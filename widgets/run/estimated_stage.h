// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace llavakd {

/// What a stage will take, as `llavakd check` estimates it.
struct EstimatedStage {
  QString stage;
  qint64 steps = 0;
  std::optional<double> seconds, stepSeconds;  ///< Of all steps, and of one; nothing before a measurement.
  double memoryBytes = 0;                      ///< Measured where that has been done.
  double predictedBytes = 0;                   ///< By the model of the step alone.
  std::optional<double> measuredBytes;         ///< Of the measured steps.
  double diskBytes = 0;
  /// In the newest run, if the stage was in it: what its steps took so far, and what was expected before.
  struct InRun {
    qint64 steps = 0;
    double seconds = 0, memoryBytes = 0;
    std::optional<double> predictedSeconds, predictedBytes;
  };
  std::optional<InRun> run;
  using Parts = std::vector<std::pair<QString, double>>;  ///< In words; what is zero is left out.
  Parts time;                                             ///< In seconds; empty before a measurement.
  Parts memory, disk;                                     ///< In bytes.

  /// "about 3 h 10 min, 41.2 GiB memory, 300 MiB disk"; without the time where that isn't known.
  QString sentence() const;
};

/// The list `estimates` of `llavakd check --json`; what isn't one is left out.
std::vector<EstimatedStage> readEstimates(const nlohmann::json& list);

}  // namespace llavakd
