// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/preflight/checks.h"
#include "core/preflight/newest_run.h"
#include "core/preflight/step_measurement.h"
#include "core/preflight/step_memory.h"
#include "core/run/event_types.h"

namespace llavakd {

/// Where the seconds of a stage go.
struct TimeParts {
  double vision = 0;     ///< The tower, of pictures whose features aren't kept.
  double teacher = 0;    ///< Its decoder, of samples that its cache doesn't hold.
  double student = 0;    ///< Forward, backward and losses, with waiting for data.
  double optimizer = 0;  ///< AdamW and the gradient's norm.

  double all() const { return vision + teacher + student + optimizer; }
};

/// What a stage will take, before it runs.
struct StageEstimate {
  std::string stage;
  int64_t steps = 0;
  int64_t samples = 0;           ///< That all steps go through.
  double sample_operations = 0;  ///< Of the matrix products of one sample (needed_operations); 0 where unknown.
  bool recompute = false;        ///< Activation checkpointing is on, or "auto" will switch it on.
  StepMemory step;               ///< By the model of the step.
  double program_bytes = 0;      ///< The program itself, with its data files.
  double loader_bytes = 0;       ///< Pictures that wait for their step.
  double feature_bytes = 0;      ///< Features of pictures that are kept in memory.
  double memory_bytes = 0;       ///< The highest point; from a measurement where there is one.
  double checkpoint_bytes = 0;   ///< On disk at the stage's end.
  double cache_bytes = 0;        ///< On disk, of the caches that are on.
  std::optional<double> step_seconds, seconds;  ///< Of a step on average, and of all; nothing before a measurement.
  std::optional<TimeParts> time;                ///< The parts of `seconds`.
  std::optional<StepMeasurement> measured;      ///< Of this very stage; else the time goes by another one's rate.

  double disk_bytes() const { return checkpoint_bytes + cache_bytes; }
  /// By the model of the step alone.
  double predicted_bytes() const { return step.highest + program_bytes + loader_bytes + feature_bytes; }
};

/// One for each stage that runs. Empty where models or texts can't be read, which the items of the check say. Times go
/// by measurements (of runs, or `llavakd check --probe`): of the stage itself, or by the rate at which another one's
/// products were computed.
std::vector<StageEstimate> estimate_stages(const CheckedProject& checked, const ModelFacts& student);

/// Checkpoints of a stage that are on disk at its end.
double stage_checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student, const StageOptions& stage);

/// What writing the stage's checkpoints needs for a moment besides.
double unfinished_checkpoint_bytes(const CheckedProject& checked, const ModelFacts& student, const StageOptions& stage);

/// For an event of the run.
std::vector<StageForecast> forecasts(const std::vector<StageEstimate>& estimates);

/// With what the stages took in a run, where they were in it.
nlohmann::ordered_json to_json(const std::vector<StageEstimate>& estimates, const NewestRun& run = {});

}  // namespace llavakd
