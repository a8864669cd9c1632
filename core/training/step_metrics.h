// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/distributed/communicator.h"
#include "core/losses/distillation_loss.h"
#include "core/run/event_types.h"
#include "core/training/batch.h"

namespace llavakd {

/// The sample of a step whose terms, times their weights, add up to most.
struct HeaviestSample {
  std::string id = {};  ///< Empty where it isn't known.
  double loss = 0;
};

/// Adds up the terms of an optimizer step over its micro-batches.
class StepMetrics {
 public:
  StepMetrics(std::vector<Term> terms, const StepBatch& batch);

  /// Throws RunError that names the sample when a term is NaN or infinite.
  void add(const MicroBatch& batch, const LossResult& loss);

  /// Makes them those of all ranks' samples.
  void sum_over_ranks(Communicator& communicator);

  /// The step as far as it is known here: `terms` (raw means over the samples; a sample to which a term doesn't apply
  /// adds 0, a term that applied to none is absent), `weighted`, `total`, `tokens`, `samples`, `skipped`.
  StepEvent event() const;

  /// Not known where other ranks have samples.
  const HeaviestSample& heaviest() const { return heaviest_; }

 private:
  std::vector<Term> terms_;
  std::map<std::string, double> sums_;  ///< By the names of the terms that applied to a sample.
  HeaviestSample heaviest_;
  int64_t samples_ = 0, skipped_ = 0, tokens_ = 0;
};

}  // namespace llavakd
