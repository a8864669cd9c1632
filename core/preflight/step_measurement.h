// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// What some steps of a stage took on this machine: in `llavakd check --probe`, or in a run.
struct StepMeasurement {
  nlohmann::json key = {};  ///< Of measurement_key(): what the numbers hold for.
  std::string stage = {};
  double when = 0;               ///< Seconds since 1970.
  int64_t steps = 0;             ///< That were timed.
  int64_t samples = 0;           ///< Of each.
  double sample_seconds = 0;     ///< Of one sample, waiting for data and vision included, without the optimizer's part.
  double vision_seconds = 0;     ///< Of it: what a cache of features spares from the second pass on.
  double teacher_seconds = 0;    ///< Of it: what the teacher's cache spares.
  double optimizer_seconds = 0;  ///< Of one step.
  double sample_operations = 0;  ///< Of one sample's matrix products (needed_operations).
  int64_t peak_memory_bytes = 0;  ///< Of the process; 0: not measured.
  std::string run = {};           ///< Name of the run; empty: a probe.
};

/// All that decides of a step's time and memory but the number of samples in it: models, the stage, the options of runs
/// and the machine.
nlohmann::json measurement_key(const Project& project, const StageOptions& stage);

/// `runs/step-measurements.json` next to the project file.
std::filesystem::path measurements_file(const std::filesystem::path& project_file);

/// The newest first; empty where the file isn't there or isn't one of ours.
std::vector<StepMeasurement> read_measurements(const std::filesystem::path& project_file);

/// Writes them in front of those that are there; the newest probe and the newest run of each key stay, 100 at most.
/// Throws UserError or RunError when the file can't be written.
void add_measurements(const std::filesystem::path& project_file, std::vector<StepMeasurement> measurements);

}  // namespace llavakd
