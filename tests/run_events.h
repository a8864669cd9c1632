// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Looking at the events of a run.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/event_log.h"

namespace llavakd {

inline std::vector<Event> events_of(const std::filesystem::path& file) {
  return EventReader(file).read();
}

inline int count_of(const std::vector<Event>& events, std::string_view type) {
  return static_cast<int>(
      std::ranges::count_if(events, [&](const Event& event) { return event_type(event.body) == type; }));
}

/// The lines of the events without what may differ between two equal runs.
inline std::vector<std::string> comparable(std::vector<Event> events) {
  std::vector<std::string> lines;
  for (Event& event : events) {
    event.time = 0;
    if (auto* step = std::get_if<StepEvent>(&event.body)) {
      step->seconds = step->waiting_seconds = 0;
      step->phases.clear();
      step->memory_bytes.reset();
    }
    if (auto* estimate = std::get_if<EstimateEvent>(&event.body))
      for (StageForecast& stage : estimate->stages) stage.seconds = NAN;  // known once a run of the project is done
    if (auto* started = std::get_if<RunStartedEvent>(&event.body)) started->run.clear();
    if (auto* resumed = std::get_if<RunResumedEvent>(&event.body)) resumed->run.clear();
    lines.push_back(to_line(event));
  }
  return lines;
}

/// The lines of the steps alone.
inline std::vector<std::string> comparable_steps(std::vector<Event> events) {
  std::erase_if(events, [](const Event& event) { return !event.is<StepEvent>(); });
  return comparable(std::move(events));
}

/// Whether a warning holds this text.
inline bool warns(const std::vector<Event>& events, std::string_view text) {
  return std::ranges::any_of(events, [&](const Event& event) {
    const auto* warning = event.as<WarningEvent>();
    return warning && warning->message.find(text) != std::string::npos;
  });
}

}  // namespace llavakd
