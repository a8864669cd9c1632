// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/project/events.h"

namespace llavakd {

/// `interrupted`: run.json says running, but the process is gone.
enum class RunState { none, starting, running, paused, finished, stopped, failed, interrupted };

/// As people read it: "Running".
QString runStateText(RunState state);

/// Whether a process of this state can be paused or stopped.
inline bool isActive(RunState state) {
  return state == RunState::running || state == RunState::paused;
}

struct StageProgress {
  std::string name;
  int64_t steps = 0;  ///< Planned; 0 while unknown.
  int64_t done = 0;
  bool started = false;
  bool finished = false;
};

/// Where a run stands, from its events alone. A plain value: pages copy it.
struct RunProgress {
  RunState state = RunState::none;
  std::vector<StageProgress> stages;  ///< In the order in which they run.
  int current = -1;                   ///< Index into stages; -1 before the first.
  int64_t step = 0;                   ///< Of the whole run.
  QString message;                    ///< Of `failed`, for people.

  /// Takes in the next event. Stages that weren't announced are appended.
  void consume(const Event& event);

  /// Mean over the last steps, with the probes and checkpoints between them; nothing before the first step.
  std::optional<double> secondsPerStep() const;

  /// Seconds until the end at the present speed; nothing while unknown or when the run is over.
  std::optional<double> secondsLeft() const;

  /// Done share of a stage, 0 to 1.
  double fraction(std::size_t stage) const;

 private:
  void begin(const Event& event);
  StageProgress& stageOf(const Event& event);
  void countStep(const Event& event);

  double m_lastStepTime = 0;
  std::deque<double> m_recentSeconds;
};

/// "12 min left", "1 h 05 min left", "under a minute left".
QString timeLeftText(double seconds);

}  // namespace llavakd
