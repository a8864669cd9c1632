// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

constexpr size_t steps_kept = 50, most_phases = 32;
/// Rounding and the little between two phases aren't worth a part of their own.
constexpr double least_other = 0.005;

bool is_duration(double seconds) {
  return std::isfinite(seconds) && seconds >= 0;
}

}  // namespace

void StepProfile::add(const Event& event) {
  const auto* done = event.as<StepEvent>();
  if (!done) return;
  if (event.stage != stage_) {
    clear();
    stage_ = event.stage;
  }
  Step step;
  for (const auto& [name, seconds] : done->phases)
    if (is_duration(seconds) && step.phases.size() < most_phases) step.phases.emplace_back(name, seconds);
  if (step.phases.empty()) {
    ++silent_steps_;
    return;
  }
  double sum = 0;
  for (const auto& [name, value] : step.phases) sum += value;
  step.seconds = std::max(sum, is_duration(done->seconds) ? done->seconds : 0);
  newest_.push_back(std::move(step));
  if (newest_.size() > steps_kept) newest_.pop_front();
}

double StepProfile::seconds() const {
  double sum = 0;
  for (const Step& step : newest_) sum += step.seconds;
  return newest_.empty() ? 0 : sum / static_cast<double>(newest_.size());
}

std::vector<StepProfile::Phase> StepProfile::phases() const {
  std::vector<Phase> result;
  const double whole = seconds(), count = static_cast<double>(newest_.size());
  if (whole <= 0) return result;
  for (const Step& step : newest_)
    for (const auto& [name, value] : step.phases) {
      auto found = std::ranges::find(result, name, &Phase::name);
      if (found == result.end()) found = result.insert(result.end(), {.name = name});
      found->seconds += value / count;
    }
  double sum = 0;
  for (Phase& phase : result) {
    phase.share = phase.seconds / whole;
    sum += phase.seconds;
  }
  std::erase_if(result, [](const Phase& phase) { return phase.seconds <= 0; });
  if (whole - sum > least_other * whole)
    result.push_back({.name = "other", .seconds = whole - sum, .share = (whole - sum) / whole});
  return result;
}

std::string profile_text(const StepProfile& profile) {
  std::vector<StepProfile::Phase> phases = profile.phases();
  std::ranges::stable_sort(phases, std::ranges::greater(), &StepProfile::Phase::share);
  std::string text;
  for (const auto& phase : phases)
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", phase.name, 100 * phase.share);
  return text;
}

}  // namespace llavakd
