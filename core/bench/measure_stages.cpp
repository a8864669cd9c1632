// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/measure_stages.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/base/errors.h"
#include "core/bench/scratch_folder.h"
#include "core/data/dataset.h"
#include "core/kernels/memory.h"
#include "core/project/project_file.h"
#include "core/training/train.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// Thrown through the run when enough has been measured: it then writes no checkpoint.
struct EnoughMeasured {};

/// From here on the process's peak is that of what follows (proc(5), clear_refs). Where that is refused, the peak stays
/// the highest of all stages.
void forget_peak_memory() {
  release_cached_blocks();
  std::ofstream("/proc/self/clear_refs") << 5;
}

constexpr int64_t least_samples = 8;

/// The project with this stage alone, so many steps long.
Project short_project(const Project& project, const fs::path& file, const std::string& stage, int64_t& steps) {
  Project made = project;
  made.schedule = {stage};
  made.probes.clear();
  made.evaluations.clear();
  made.run.vision_cache = made.run.teacher_cache = "off";
  made.run.checkpoint_every = 0;
  const auto own = std::ranges::find(made.stages, stage, &StageOptions::name);
  if (own == made.stages.end()) throw UserError("The project has no stage " + stage + ".");
  // Two micro-batches need the memory of any number; enough samples to share what is done once a step, as in a run.
  own->batch_size = std::min(own->batch_size, std::max<int64_t>(2 * own->micro_batch_size, least_samples));
  const int64_t samples = open_dataset(resolve(file, own->data))->size();
  // Samples that come again would find their features kept.
  steps = std::clamp<int64_t>(samples / own->batch_size, 1, steps);
  own->max_steps = steps;
  own->epochs = static_cast<double>(steps * own->batch_size) / static_cast<double>(samples);
  return made;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// The steps but the first ones, in which memory is asked for and kernels are made.
StepMeasurement summed_up(std::vector<StepEvent> steps) {
  steps.erase(steps.begin(), steps.begin() + std::min<std::ptrdiff_t>(2, std::ssize(steps) - 1));
  const auto median_by = [&](auto&& value) {
    std::vector<double> values;
    for (const StepEvent& step : steps) values.push_back(value(step));
    return median_of(std::move(values));
  };
  const auto of_phase = [](const StepEvent& step, const char* phase) {
    const double seconds = number_of(step.phases, phase);
    return std::isfinite(seconds) ? seconds : 0;
  };
  const auto by_sample = [&](const char* phase) {
    return median_by([&](const StepEvent& step) {
      return of_phase(step, phase) / static_cast<double>(std::max<int64_t>(1, step.samples));
    });
  };
  StepMeasurement measured;
  measured.steps = std::ssize(steps);
  measured.samples = std::ranges::max(steps, {}, &StepEvent::samples).samples;
  measured.sample_seconds = median_by([&](const StepEvent& step) {
    return (step.seconds - of_phase(step, "optimizer")) / static_cast<double>(std::max<int64_t>(1, step.samples));
  });
  measured.vision_seconds = by_sample("vision");
  measured.teacher_seconds = by_sample("teacher");
  measured.optimizer_seconds = median_by([&](const StepEvent& step) { return of_phase(step, "optimizer"); });
  return measured;
}

StepMeasurement measure_stage(const Project& project, const fs::path& file, const std::string& stage, int64_t steps) {
  const Project made = short_project(project, file, stage, steps);
  const ScratchFolder folder;
  forget_peak_memory();
  std::vector<StepEvent> done;
  int64_t memory = 0;
  RunControl control;
  try {
    const EventSink sink = [&](const Event& event) {
      const auto* step = event.as<StepEvent>();
      if (!step) return;
      throw_if_interrupted();
      done.push_back(*step);
      memory = std::max({memory, peak_memory_bytes(), step->memory_bytes.value_or(0)});
      if (std::ssize(done) == steps) throw EnoughMeasured();
    };
    TrainOptions how;
    how.evaluate = false;
    train(made, file, {folder.path()}, sink, control, how);
  } catch (const EnoughMeasured&) {
    // All that was asked for.
  }
  if (done.empty()) throw RunError("Stage " + stage + " did no step, so nothing was measured.");
  StepMeasurement measured = summed_up(std::move(done));
  measured.peak_memory_bytes = memory;
  return measured;
}

}  // namespace

std::vector<StepMeasurement> measure_stages(const Project& project, const fs::path& project_file,
                                            const std::vector<StageEstimate>& estimates, int64_t steps,
                                            const std::function<void(const std::string& stage)>& on_stage) {
  std::vector<StepMeasurement> all;
  for (const StageEstimate& estimate : estimates) {
    throw_if_interrupted();
    if (on_stage) on_stage(estimate.stage);
    StepMeasurement measured = measure_stage(project, project_file, estimate.stage, steps);
    measured.key = measurement_key(project, *std::ranges::find(project.stages, estimate.stage, &StageOptions::name));
    measured.stage = estimate.stage;
    measured.when = now();
    measured.sample_operations = estimate.sample_operations;
    all.push_back(std::move(measured));
  }
  return all;
}

}  // namespace llavakd
