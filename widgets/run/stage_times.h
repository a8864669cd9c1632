// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"
#include "core/run/event_types.h"

namespace llavakd {

/// How long the steps of each stage take, and what that tells of stages that have not run yet. A plain value.
class StageTimes {
 public:
  /// Takes in a step of a stage that took `seconds`, with the probes and checkpoints between it and the one before.
  void add(const std::string& stage, const StepEvent& step, double seconds);

  /// What the stages of the run do, as far as it is known.
  void setStages(std::vector<StageOptions> stages) { m_stages = std::move(stages); }

  struct Estimate {
    double seconds = 0;     ///< A step.
    bool measured = false;  ///< Of this stage itself; else put together from what others measured.
  };

  /// Seconds a step of this stage. Of one that has run: the mean over its newest steps without the slowest eighth, so
  /// that a suspended laptop doesn't count. Of one that has not: vision tower, teacher and loss of a stage that distils
  /// as this one does or doesn't, and the student's forward and backward pass and update of a stage that trains the
  /// same parts, both by the samples of a step. Nothing where no stage tells.
  std::optional<Estimate> secondsPerStep(const std::string& stage) const;

 private:
  struct Times {
    std::deque<double> newest;
    std::map<std::string, double> phases;  ///< Seconds of all steps together.
    int64_t steps = 0;                     ///< Those with phases.
  };
  const StageOptions* options(const std::string& stage) const;
  template <class Alike>
  std::optional<double> part(const StageOptions& wanted, std::initializer_list<const char*> phases, Alike alike) const;

  std::map<std::string, Times> m_times;
  std::vector<StageOptions> m_stages;
};

}  // namespace llavakd
