// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/run/event_types.h"
#include "core/training/observers/run_observer.h"
#include "core/training/run_context.h"

namespace llavakd {

/// Records what teacher and student say of the project's probes: before the first step, every few steps, and at a
/// stage's end.
class ProbeRecorder : public RunObserver {
 public:
  /// `run` must outlive this.
  explicit ProbeRecorder(RunContext& run) : run_(run) {}

  void before_training(const Trained& trained) override { record(trained.student); }
  void after_step(const Trained& trained, bool stage_done) override;

  /// Each term's mean over the probes with the run's present student; NaN where it applies to none.
  const NamedNumbers& means(const MultimodalModel& student);

 private:
  void record(const MultimodalModel& trained);
  /// Looks at all probes that can be read, and writes what it sees into the folder, unless that is empty.
  std::vector<ProbeValues> look(const MultimodalModel& trained, const std::filesystem::path& folder);

  RunContext& run_;
  int64_t step_ = -1;  ///< Of the newest look.
  NamedNumbers means_;
};

}  // namespace llavakd
