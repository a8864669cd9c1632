// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QString>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/run/events.h"
#include "widgets/run/stage_times.h"
#include "widgets/theme/theme.h"

namespace llavakd {

/// `interrupted`: run.json says running, but the process is gone.
enum class RunState { none, starting, running, paused, finished, stopped, failed, interrupted };

/// As people read it: "Running".
QString runStateText(RunState state);
/// Its colour and badge, alike wherever it shows.
theme::State lookOf(RunState state);

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

/// What is left of a run, as far as it can be told.
struct TimeLeft {
  double seconds = 0;
  bool estimated = false;            ///< In part for stages that have not run, from what others took.
  std::vector<std::string> unknown;  ///< Stages that aren't in it: nothing tells their speed.
};

/// Where a run stands, from its events alone. A plain value: pages copy it.
struct RunProgress {
  RunState state = RunState::none;
  std::vector<StageProgress> stages;   ///< In the order in which they run.
  int current = -1;                    ///< Index into stages; -1 before the first.
  int64_t step = 0;                    ///< Of the whole run.
  bool hasCheckpoint = false;          ///< From which it could go on.
  QString checkpoint;                  ///< Its name, "DFT-40", as far as the events tell it.
  QString message;                     ///< Of `failed`, for people.
  QString failedSample, failedStage;   ///< The sample that is the cause, where one is, and whose it is.
  bool failedNumber = false;           ///< A loss or a gradient was not a number.
  std::optional<GateEvent> unmetGate;  ///< At which the run waits or has stopped,
  QString gateStage;                   ///< and whose it is.

  /// Takes in the next event. Stages that weren't announced are appended.
  void consume(const Event& event);

  /// What the stages do (StageTimes).
  void setStages(std::vector<StageOptions> options) { m_times.setStages(std::move(options)); }

  /// Of a stage; nothing while unknown or when the run is over.
  std::optional<TimeLeft> timeLeft(std::size_t stage) const;
  /// Of the whole run, each stage by its own speed.
  std::optional<TimeLeft> timeLeft() const;

  /// Done share of a stage, 0 to 1.
  double fraction(std::size_t stage) const;

 private:
  void begin(const Event& event, const std::vector<PlannedStage>& plan);
  StageProgress& stageOf(const Event& event);
  void countStep(const Event& event, const StepEvent& done);

  double m_lastStepTime = 0;
  StageTimes m_times;
};

/// Whether the run's process is gone and the run can go on from a checkpoint.
bool canGoOn(const RunProgress& progress);

/// "12 min left", "1 h 5 min left", "2 days 3 h left", "under a minute left".
QString timeLeftText(double seconds);

/// The same with what is known of it: "about 1 h 5 min left, until 14:32", "12 min left, then DFT". `now` invalid: no
/// time of the end, as for a paused run.
QString timeLeftText(const TimeLeft& left, const QDateTime& now);

}  // namespace llavakd
