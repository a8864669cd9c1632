// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/run/events.h"

namespace llavakd {

/// Where the time of a stage's newest steps went, from the `phases` (seconds by name) of its step events.
class StepProfile {
 public:
  struct Phase {
    std::string name;    ///< As in events; "other" is what no phase accounts for.
    double seconds = 0;  ///< Of a step.
    double share = 0;    ///< Of a step's seconds, 0 to 1.
  };

  /// Takes in a step; another stage starts from nothing. Other events and steps without phases tell nothing.
  void add(const Event& event);
  void clear() { *this = {}; }

  /// Mean of the newest steps in the order of a step's course, phases that never took time left out; empty while no
  /// step tells.
  std::vector<Phase> phases() const;
  double seconds() const;                                                 ///< Mean of the same steps.
  int64_t steps() const { return static_cast<int64_t>(newest_.size()); }  ///< That the mean is over.
  const std::string& stage() const { return stage_; }
  /// Steps came, but none that tells: an older version wrote them.
  bool lacks_phases() const { return newest_.empty() && silent_steps_ > 0; }

 private:
  struct Step {
    double seconds = 0;
    std::vector<std::pair<std::string, double>> phases;
  };
  std::deque<Step> newest_;
  std::string stage_;
  int64_t silent_steps_ = 0;
};

/// "vision 12 %, teacher 31 %, …": for people, largest first.
std::string profile_text(const StepProfile& profile);

}  // namespace llavakd
