// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/run/step_history.h"

namespace llavakd {

/// Something in a run's course that a person should look at.
struct Alert {
  enum class Kind {
    not_a_number,  ///< The total is none.
    spike,         ///< The total is far above what it was: `value`, before `usual`.
    plateau,       ///< The total no longer falls: its mean `value`, before `usual`, each over `steps` steps.
  };
  Kind kind = Kind::spike;
  int64_t step = 0;  ///< Of the run.
  std::string stage = {};
  double value = 0, usual = 0;
  int64_t steps = 0;
  double score = 0;  ///< Of a spike: its distance in scaled median absolute deviations.

  bool operator==(const Alert&) const = default;
};

/// Finds alerts in a run's steps, one after another, each with those of its own stage alone. A value; copies may go on
/// on another thread.
///
/// A spike is a total whose distance from the median of the newest 64 steps is more than 8 times their scaled median
/// absolute deviation (the robust z-score of Iglewicz and Hoaglin 1993), and a fifth above that median. A plateau is a
/// tenth of the stage, at least 100 steps, whose mean is not a five-hundredth below that of the tenth before; the end
/// of a schedule, with less than a fifth of the largest learning rate, is none.
class AlertFinder {
 public:
  static constexpr size_t spike_window = 64;  ///< Steps.

  /// Takes in what the history has more than at the last call. Where the run went back, or it is another one, all of it
  /// is read again.
  void read(const StepHistory& steps);
  /// A stage begins; `planned_steps` 0: not known.
  void begin_stage(const std::string& name, int64_t planned_steps);
  /// Steps ascend.
  void add(int64_t step, double total, double learning_rate);
  void clear() { *this = {}; }

  /// In the order of their steps.
  const std::vector<Alert>& alerts() const { return alerts_; }

 private:
  struct Stage {
    std::string name;
    int64_t planned_steps = 0;
    std::deque<double> newest;   ///< Totals in order, for spikes.
    std::vector<double> sorted;  ///< The same by size.
    std::deque<double> tenths;   ///< Totals in order, for plateaus: those of two windows.
    double earlier = 0, later = 0, largest_rate = 0;
    std::optional<int64_t> last_spike;
    bool is_flat = false, is_broken = false;
  };
  void look_for_spike(int64_t step, double total);
  void look_for_plateau(int64_t step, double total, double learning_rate);

  std::vector<Alert> alerts_;
  Stage stage_;
  size_t rows_ = 0;  ///< Of the history that were read.
  std::optional<size_t> span_;
  double last_step_ = 0, last_time_ = 0;
};

}  // namespace llavakd
