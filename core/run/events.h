// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/run/event_types.h"

namespace llavakd {

/// One line of events.jsonl. Types: run_started, run_resumed (by a new process, from a checkpoint), stage_started,
/// step, probe, eval, checkpoint, warning, paused, unpaused, stage_finished, run_finished, failed.
struct Event {
  std::string type;
  double time = 0;         ///< Seconds since 1970.
  std::string stage;       ///< Empty outside of stages.
  int64_t stage_step = 0;  ///< Optimizer steps done in this stage.
  int64_t step = 0;        ///< Optimizer steps done in the run.
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
};

/// Receives events in order, on the thread that trains.
using EventSink = std::function<void(const Event&)>;

/// The event as one JSON line, without the newline.
std::string to_line(const Event& event);

/// Parses a line; nothing when it is not a whole event (a half-written last line, foreign text).
std::optional<Event> parse_event(std::string_view line);

/// Seconds since 1970.
double now();

/// Appends events to a file, each line whole; starts on a fresh line after a half-written one. Throws UserError for
/// what is no ordinary file.
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& file);
  void append(const Event& event);

 private:
  std::filesystem::path file_;
  std::ofstream stream_;
};

/// Reads a growing events.jsonl: each call returns the events that were completed since the last one. A file that
/// became shorter is read from its start again, which `restarted` reports. What is no ordinary file has no events.
class EventReader {
 public:
  explicit EventReader(std::filesystem::path file) : file_(std::move(file)) {}
  std::vector<Event> read();
  bool restarted() const { return restarted_; }

 private:
  std::filesystem::path file_;
  int64_t offset_ = 0;
  bool restarted_ = false;
};

}  // namespace llavakd
