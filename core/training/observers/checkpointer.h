// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

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
  /// False where a person has paused the run, and the disk has no room for the checkpoint.
  bool has_room(const Trained& trained);
  /// Of a checkpoint that is written now.
  int64_t expected_bytes(const Trained& trained);
  /// That the retention rules will remove once this checkpoint is written.
  int64_t bytes_to_be_freed() const;
  void remove_old();
  std::filesystem::path student_source() const;

  RunContext& run_;
  std::optional<size_t> measured_stage_;  ///< Whose sizes these are:
  int64_t weights_bytes_ = 0;
  int64_t optimizer_bytes_ = 0;
  int64_t other_bytes_ = int64_t{1} << 20;  ///< Tokenizer and state; known once a checkpoint is written.
};

}  // namespace llavakd
