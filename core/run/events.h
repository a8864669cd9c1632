// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/run/event_types.h"

namespace llavakd {

/// What happened during a run, when and where: one line of events.jsonl. Readers ask what it is by as().
struct Event {
  double time = 0;         ///< Seconds since 1970.
  std::string stage = {};  ///< Empty outside of stages.
  int64_t stage_step = 0;  ///< Optimizer steps done in this stage.
  int64_t step = 0;        ///< Optimizer steps done in the run.
  EventBody body = {};

  /// The event if it is a T, otherwise null: `if (const auto* step = event.as<StepEvent>())`.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&body);
  }
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(body);
  }
};

/// Receives events in order, on the thread that trains.
using EventSink = std::function<void(const Event&)>;

/// The event as one JSON line, without the newline.
std::string to_line(const Event& event);

/// Parses a line; nothing when it is not a whole event (a half-written last line, foreign text). What this version
/// doesn't know is an UnknownEvent. Throws UserError that names the key where a value has the wrong type.
std::optional<Event> parse_event(std::string_view line);

/// Seconds since 1970.
double now();

}  // namespace llavakd
