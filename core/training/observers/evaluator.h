// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>

#include "core/run/task_result.h"
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

  /// What the run's present student answers in the project's evaluation of this index; asked once a step. Null where a
  /// request to stop ends it early, if it may.
  const TaskResult* result(size_t index, bool may_stop = true);

 private:
  RunContext& run_;
  int64_t step_ = -1;  ///< Of the results.
  std::map<size_t, TaskResult> results_;
};

}  // namespace llavakd
