// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/run/event_types.h"
#include "core/training/batch.h"

namespace llavakd {

/// Adds up the terms of an optimizer step.
class Tally {
 public:
  Tally(std::vector<Term> terms, const StepBatch& batch);

  /// Throws RunError that names the sample when a term is NaN or infinite.
  void add(const MicroBatch& batch, const LossResult& loss);

  /// The step as far as it is known here: `terms` (raw means over the samples; a sample to which a term doesn't apply
  /// adds 0, a term that applied to none is absent), `weighted`, `total`, `tokens`, `samples`, `skipped`.
  StepEvent event() const;

 private:
  std::vector<Term> terms_;
  std::array<double, 4> sums_{};
  std::array<bool, 4> seen_{};
  int64_t samples_ = 0, skipped_ = 0, tokens_ = 0;
};

}  // namespace llavakd
