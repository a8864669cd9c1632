// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/project/events.h"

namespace llavakd {

/// What a run is doing, as far as its events say.
enum class RunPhase { none, running, paused, finished, stopped, failed };

/// One stage of a run's schedule.
struct StageProgress {
  std::string name;
  int64_t done = 0;   ///< Optimizer steps done in this stage.
  int64_t total = 0;  ///< Optimizer steps of this stage; 0 while unknown.
  bool started = false;
  bool finished = false;
  double fraction() const;  ///< 0 … 1; 1 when finished.
};

/// How far a run is: stages with steps done and total, time left from the recent speed. Fed with the events of
/// events.jsonl in order; knows no files and no widgets.
///
/// Totals come from `run_started` ("stages": [{"name", "steps"}]) and `stage_started` ("steps"); without them from
/// `plan`. A run that was resumed goes back to its checkpoint's step, and so does this.
class RunProgress {
 public:
  /// The schedule as the project has it, shown before the run says its own. Does nothing once a run has spoken.
  void plan(const std::vector<StageProgress>& stages);
  void add(const Event& event);
  void clear();

  const std::vector<StageProgress>& stages() const { return stages_; }
  int current_stage() const { return current_; }  ///< Index into stages(); -1 before the first.
  RunPhase phase() const { return phase_; }
  int64_t steps_done() const;
  int64_t steps_total() const;  ///< 0 while a stage's total is unknown.
  double fraction() const;      ///< Of all steps; stages of unknown length count as equal parts.

  /// Mean of the last steps without the slowest eighth; nothing before the first step.
  std::optional<double> seconds_per_step() const;
  std::optional<double> stage_seconds_left() const;
  /// Nothing when a total is unknown, no step has been timed or the run isn't going.
  std::optional<double> seconds_left() const;
  const std::string& failure() const { return failure_; }  ///< Text of `failed`.

 private:
  void start_stage(const Event& event);
  void step(const Event& event);
  StageProgress* stage_of(const Event& event);

  std::vector<StageProgress> stages_;
  int current_ = -1;
  bool spoken_ = false;
  RunPhase phase_ = RunPhase::none;
  std::deque<double> recent_seconds_;
  double last_step_time_ = 0;
  std::string failure_;
};

/// "12 min left"-style text without the word "left": "45 s", "12 min", "3 h 05 min", "2 d 4 h".
std::string duration_text(double seconds);

}  // namespace llavakd
