// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/preflight/step_measurement.h"
#include "core/run/events.h"

namespace llavakd {

/// What the steps of a run's stage took: a measurement as that of `llavakd check --probe`, at no cost. It says nothing
/// of memory, of which a run keeps no peak.
class RunMeasurement {
 public:
  /// Takes in a step; another stage starts from nothing. Other events tell nothing.
  void add(const Event& event);

  /// Means over the steps but the first two, in which memory is asked for and kernels are made. Nothing where that
  /// leaves none.
  std::optional<StepMeasurement> measured(const std::string& run) const;

 private:
  /// Seconds that some samples took.
  struct Part {
    double seconds = 0;
    int64_t samples = 0;
    double of_sample() const { return samples > 0 ? seconds / static_cast<double>(samples) : 0; }
  };

  std::string stage_;
  int64_t steps_ = 0, most_samples_ = 0;
  Part all_, vision_, teacher_;  ///< The last two of steps that found not all of it in a cache.
  double cached_seconds_ = 0;    ///< Vision and teacher of all steps.
  double optimizer_seconds_ = 0;
};

}  // namespace llavakd
