// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/training/observers/run_observer.h"
#include "core/training/run_context.h"

namespace llavakd {

/// Saves the run: at a stage's end, every few steps, and when asked to.
class Checkpointer : public RunObserver {
 public:
  /// `run` must outlive this.
  explicit Checkpointer(RunContext& run) : run_(run) {}

  void after_step(const Trained& trained, bool stage_done) override;
  void after_stage(const Trained& trained) override;

  /// Saves the run now, unless that adds nothing to what is saved. Only the leader of several ranks writes.
  void save(const Trained& trained);

 private:
  void remove_old();
  std::filesystem::path student_source() const;

  RunContext& run_;
};

}  // namespace llavakd
