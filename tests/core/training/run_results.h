// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a run has left behind: its events and its weights.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/checkpoint/open_checkpoint.h"
#include "core/run/events.h"
#include "core/run/run_folder.h"

namespace llavakd {

inline std::vector<Event> events_of(const RunFolder& run) {
  return EventReader(run.events()).read();
}

/// The events without what may differ between two equal runs.
inline std::vector<std::string> comparable(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (Event event : events) {
    event.time = 0;
    for (const char* key : {"seconds", "waiting_seconds", "phases", "memory_bytes", "run"}) event.fields.erase(key);
    lines.push_back(to_line(event));
  }
  return lines;
}

inline std::vector<std::string> steps_of(const RunFolder& run) {
  std::vector<Event> steps;
  for (Event& event : events_of(run))
    if (event.type == "step") steps.push_back(std::move(event));
  return comparable(steps);
}

inline int count_of(const RunFolder& run, const std::string& type) {
  int count = 0;
  for (const Event& event : events_of(run)) count += event.type == type ? 1 : 0;
  return count;
}

/// Whether a warning holds this text.
inline bool warns(const RunFolder& run, const std::string& text) {
  return std::ranges::any_of(events_of(run), [&](const Event& event) {
    return event.type == "warning" && event.fields.value("message", "").find(text) != std::string::npos;
  });
}

inline bool same_models(const std::filesystem::path& a, const std::filesystem::path& b) {
  const TensorMap first = open_checkpoint(a / "model").parameters, second = open_checkpoint(b / "model").parameters;
  if (first.size() != second.size()) return false;
  for (const auto& [name, tensor] : first)
    if (!at::equal(tensor, second.at(name))) return false;
  return true;
}

}  // namespace llavakd
