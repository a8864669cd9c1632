// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "core/run/events.h"

namespace llavakd {

/// Events in order, but of steps only the newest of each stage: what speed and state of a run follow from, however long
/// it is. StepHistory has all steps.
class RecentEvents {
 public:
  static constexpr size_t kept_steps = 64;

  void add(const Event& event);
  bool is_empty() const { return others_.empty() && steps_.empty() && ring_.empty(); }
  /// All of them; from then on it is empty.
  std::vector<Event> take();

 private:
  void end_stage();

  using Placed = std::pair<size_t, Event>;  ///< With the number of other events before it.
  std::vector<Event> others_;
  std::vector<Placed> steps_;  ///< Of stages that have ended.
  std::vector<Placed> ring_;   ///< Of the present stage; a full one is overwritten, which saves allocations.
  size_t next_ = 0;            ///< Place in the ring.
};

}  // namespace llavakd
