// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/newest_run.h"

#include <algorithm>

#include "core/run/event_log.h"
#include "core/run/run_list.h"

namespace llavakd {
namespace {

void add_step(NewestRun& run, const std::string& stage, const StepEvent& step) {
  StageInRun& of_stage = run.stages[stage];
  ++of_stage.steps;
  if (std::isfinite(step.seconds)) of_stage.seconds += step.seconds;
  of_stage.memory_bytes = std::max(of_stage.memory_bytes, static_cast<double>(step.memory_bytes.value_or(0)));
  if (step.samples <= 0) return;
  // A step that found everything in a cache measures nothing.
  for (const auto& [phase, seconds] : step.phases)
    if (seconds > 0) run.phases[phase].push_back(seconds / static_cast<double>(step.samples));
}

}  // namespace

std::optional<double> NewestRun::phase_seconds(const std::string& phase) const {
  const auto found = phases.find(phase);
  if (found == phases.end()) return std::nullopt;
  std::vector<double> seconds = found->second;
  const auto high = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() * 9 / 10);
  std::ranges::nth_element(seconds, high);
  return *high;
}

NewestRun read_newest_run(const std::filesystem::path& project_file) {
  NewestRun run;
  const auto runs = list_runs(project_file);
  if (runs.empty()) return run;
  run.id = runs.front().id();
  for (const Event& event : EventReader(runs.front().events()).read()) {
    if (const auto* step = event.as<StepEvent>()) add_step(run, event.stage, *step);
    const auto* estimate = event.as<EstimateEvent>();
    if (!estimate) continue;
    for (const StageForecast& forecast : estimate->stages) {
      run.stages[forecast.stage].predicted_seconds = forecast.seconds;
      run.stages[forecast.stage].predicted_memory_bytes = forecast.memory_bytes;
    }
  }
  return run;
}

}  // namespace llavakd
