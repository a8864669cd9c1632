// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/preflight/stage_estimate.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

Json time_json(const TimeParts& time) {
  return {{"vision", time.vision}, {"teacher", time.teacher}, {"student", time.student}, {"optimizer", time.optimizer}};
}

Json estimate_json(const StageEstimate& estimate) {
  const StepMemory& step = estimate.step;
  return {{"stage", estimate.stage},
          {"steps", estimate.steps},
          {"sample_gflop", estimate.sample_operations * 1e-9},
          {"step_seconds", estimate.step_seconds ? Json(*estimate.step_seconds) : Json()},
          {"seconds", estimate.seconds ? Json(*estimate.seconds) : Json()},
          {"time", estimate.time ? time_json(*estimate.time) : Json()},
          {"memory_bytes", estimate.memory_bytes},
          {"predicted_memory_bytes", estimate.predicted_bytes()},
          {"memory",
           {{"program", estimate.program_bytes},
            {"student", step.student},
            {"teacher", step.teacher},
            {"gradients", step.gradients},
            {"optimizer", step.optimizer},
            {"activations", step.activations},
            {"logits", step.logits},
            {"features", estimate.feature_bytes},
            {"loader", estimate.loader_bytes}}},
          {"recompute", estimate.recompute},
          {"disk_bytes", estimate.disk_bytes()},
          {"disk", {{"checkpoints", estimate.checkpoint_bytes}, {"caches", estimate.cache_bytes}}}};
}

/// A run measures no memory.
Json measurement_json(const StepMeasurement& measured) {
  return {{"run", measured.run.empty() ? Json() : Json(measured.run)},
          {"when", measured.when},
          {"steps", measured.steps},
          {"samples", measured.samples},
          {"sample_seconds", measured.sample_seconds},
          {"optimizer_seconds", measured.optimizer_seconds},
          {"peak_memory_bytes", measured.peak_memory_bytes > 0 ? Json(measured.peak_memory_bytes) : Json()}};
}

Json run_json(const std::string& id, const StageInRun& stage) {
  return {{"id", id},
          {"steps", stage.steps},
          {"seconds", stage.seconds},
          {"memory_bytes", stage.memory_bytes},
          {"predicted_seconds", stage.predicted_seconds},
          {"predicted_memory_bytes", stage.predicted_memory_bytes}};
}

}  // namespace

std::vector<StageForecast> forecasts(const std::vector<StageEstimate>& estimates) {
  std::vector<StageForecast> all;
  for (const StageEstimate& estimate : estimates)
    all.push_back({.stage = estimate.stage,
                   .seconds = estimate.seconds.value_or(NAN),
                   .memory_bytes = estimate.memory_bytes,
                   .disk_bytes = estimate.disk_bytes()});
  return all;
}

nlohmann::ordered_json to_json(const std::vector<StageEstimate>& estimates, const NewestRun& run) {
  Json list = Json::array();
  for (const StageEstimate& estimate : estimates) {
    Json& object = list.emplace_back(estimate_json(estimate));
    if (estimate.measured) object["measured"] = measurement_json(*estimate.measured);
    const auto of_run = run.stages.find(estimate.stage);
    if (of_run != run.stages.end() && of_run->second.steps > 0) object["run"] = run_json(run.id, of_run->second);
  }
  return list;
}

}  // namespace llavakd
