// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/training/observers/run_observer.h"
#include "core/training/run_context.h"

namespace llavakd {

/// Does the project's evaluations with the run's result.
class Evaluator : public RunObserver {
 public:
  /// `run` must outlive this.
  explicit Evaluator(RunContext& run) : run_(run) {}

  /// A request to stop ends it early; then the run is a stopped one.
  void after_training() override;

 private:
  RunContext& run_;
};

}  // namespace llavakd
