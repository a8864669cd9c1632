// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>

#include "core/run/event_types.h"

namespace llavakd {

/// Where the seconds of an optimizer step went, as the host sees it. With an accelerator, work that was queued in one
/// phase may be waited for in the next.
struct StepPhases {
  double vision = 0;     ///< Tower, of both models.
  double teacher = 0;    ///< Its connector and decoder.
  double student = 0;    ///< The same of the student.
  double loss = 0;       ///< Heads and terms, with the part of their gradient that is computed at once.
  double backward = 0;   ///< From the hidden states down.
  double optimizer = 0;  ///< Gradient norm and update.
  double waiting = 0;    ///< For the data.
};

/// In the order of a step's course.
inline NamedNumbers seconds_by_name(const StepPhases& phases) {
  return {{"vision", phases.vision},  {"teacher", phases.teacher},   {"student", phases.student},
          {"loss", phases.loss},      {"backward", phases.backward}, {"optimizer", phases.optimizer},
          {"waiting", phases.waiting}};
}

/// Adds the seconds of its life to a phase.
class PhaseTimer {
 public:
  explicit PhaseTimer(double& seconds) : seconds_(seconds) {}
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;
  ~PhaseTimer() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace llavakd
