// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a run has left behind: its events and its weights.
#include <filesystem>
#include <string>
#include <vector>

#include "core/checkpoint/open_checkpoint.h"
#include "core/run/run_folder.h"
#include "tests/run_events.h"

namespace llavakd {

inline std::vector<Event> events_of(const RunFolder& run) {
  return events_of(run.events());
}

inline std::vector<std::string> steps_of(const RunFolder& run) {
  return comparable_steps(events_of(run));
}

inline int count_of(const RunFolder& run, const std::string& type) {
  return count_of(events_of(run), type);
}

/// Whether a warning holds this text.
inline bool warns(const RunFolder& run, const std::string& text) {
  return warns(events_of(run), text);
}

inline bool same_models(const std::filesystem::path& a, const std::filesystem::path& b) {
  const TensorMap first = open_checkpoint(a / "model").parameters, second = open_checkpoint(b / "model").parameters;
  if (first.size() != second.size()) return false;
  for (const auto& [name, tensor] : first)
    if (!at::equal(tensor, second.at(name))) return false;
  return true;
}

}  // namespace llavakd
