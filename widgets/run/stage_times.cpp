// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/stage_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

// Long enough to even out a checkpoint's pause, short enough to notice that the machine got slower.
constexpr size_t newestSteps = 32;

}  // namespace

void StageTimes::add(const std::string& stage, const StepEvent& step, double seconds) {
  if (!(seconds > 0) || !std::isfinite(seconds)) return;
  Times& times = m_times[stage];
  times.newest.push_back(seconds);
  if (times.newest.size() > newestSteps) times.newest.pop_front();
  if (step.phases.empty()) return;
  ++times.steps;
  for (const auto& [name, value] : step.phases)
    if (std::isfinite(value)) times.phases[name] += std::max(0.0, value);
}

const StageOptions* StageTimes::options(const std::string& stage) const {
  const auto found = std::ranges::find(m_stages, stage, &StageOptions::name);
  return found == m_stages.end() ? nullptr : &*found;
}

template <class Alike>
std::optional<double> StageTimes::part(const StageOptions& wanted, std::initializer_list<const char*> phases,
                                       Alike alike) const {
  for (const auto& [name, times] : m_times) {
    const StageOptions* measured = options(name);
    if (!measured || times.steps == 0 || measured->batch_size < 1 || !alike(*measured, wanted)) continue;
    double seconds = 0;
    for (const char* phase : phases)
      if (const auto found = times.phases.find(phase); found != times.phases.end()) seconds += found->second;
    return seconds / double(times.steps) * double(wanted.batch_size) / double(measured->batch_size);
  }
  return std::nullopt;
}

std::optional<StageTimes::Estimate> StageTimes::secondsPerStep(const std::string& stage) const {
  const auto known = m_times.find(stage);
  if (known != m_times.end() && !known->second.newest.empty()) {
    std::vector<double> sorted(known->second.newest.begin(), known->second.newest.end());
    std::ranges::sort(sorted);
    sorted.resize(std::max<size_t>(1, sorted.size() - sorted.size() / 8));
    return Estimate{std::accumulate(sorted.begin(), sorted.end(), 0.0) / double(sorted.size()), true};
  }
  const StageOptions* wanted = options(stage);
  if (!wanted) return std::nullopt;
  const auto given = part(*wanted, {"vision", "teacher", "loss"},
                          [](const auto& a, const auto& b) { return distils(a) == distils(b); });
  const auto learnt = part(*wanted, {"student", "backward", "optimizer"},
                           [](const auto& a, const auto& b) { return a.train == b.train; });
  if (!given || !learnt || !(*given + *learnt > 0)) return std::nullopt;
  return Estimate{*given + *learnt, false};
}

}  // namespace llavakd
