// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/run_measurement.h"

#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

constexpr int64_t first_steps = 2;

double phase_of(const StepEvent& step, const char* phase) {
  const double seconds = number_of(step.phases, phase);
  return std::isfinite(seconds) ? std::max(0.0, seconds) : 0;
}

}  // namespace

void RunMeasurement::add(const Event& event) {
  const auto* step = event.as<StepEvent>();
  if (!step) return;
  if (event.stage != stage_) {
    *this = {};
    stage_ = event.stage;
  }
  if (++steps_ <= first_steps || step->samples <= 0 || !std::isfinite(step->seconds)) return;
  const double vision = phase_of(*step, "vision"), teacher = phase_of(*step, "teacher"),
               optimizer = phase_of(*step, "optimizer");
  const auto add_to = [&](Part& part, double seconds) {
    if (seconds <= 0) return;
    part.seconds += seconds;
    part.samples += step->samples;
  };
  add_to(all_, step->seconds);
  add_to(vision_, vision);
  add_to(teacher_, teacher);
  cached_seconds_ += vision + teacher;
  optimizer_seconds_ += optimizer;
  most_samples_ = std::max(most_samples_, step->samples);
}

std::optional<StepMeasurement> RunMeasurement::measured(const std::string& run) const {
  if (all_.samples <= 0) return std::nullopt;
  const int64_t steps = steps_ - first_steps;
  StepMeasurement result{.stage = stage_, .steps = steps, .samples = most_samples_};
  result.vision_seconds = vision_.of_sample();
  result.teacher_seconds = teacher_.of_sample();
  result.optimizer_seconds = optimizer_seconds_ / static_cast<double>(steps);
  const double student = all_.seconds - cached_seconds_ - optimizer_seconds_;
  result.sample_seconds =
      std::max(0.0, student / static_cast<double>(all_.samples)) + result.vision_seconds + result.teacher_seconds;
  result.run = run;
  return result;
}

}  // namespace llavakd
