// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/project/options.h"
#include "core/run/event_types.h"

namespace llavakd {

/// What memory allows of a step. Lowering it changes speed and the last bits, not the gradient.
struct MemoryLimits {
  int64_t micro_batch_size = 0;  ///< Samples that go together at most. 0: as many as the stage says.
  bool recompute = false;        ///< The student keeps its layers' inputs only (activation checkpointing).
  bool operator==(const MemoryLimits&) const = default;
};

/// Where a run is. With the weights and the optimizer's state it decides everything that follows: the order of the data
/// is a function of seed, stage and step.
struct TrainProgress {
  size_t stage_index = 0;  ///< In the schedule.
  std::string stage;
  int64_t stage_step = 0;  ///< Optimizer steps done in this stage.
  int64_t step = 0;        ///< Optimizer steps done in the run.
  int64_t samples = 0;     ///< That were learnt from, over the run.
  int64_t skipped = 0;     ///< Samples that were left out, over the run.
  bool stage_done = false;
  bool learnt = false;            ///< Whether any step of this stage had a gradient and a learning rate above 0.
  int64_t not_a_number = 0;       ///< Samples that were left out because their loss or gradient was none, over the run.
  int64_t roll_backs = 0;         ///< Of this stage, because a loss or gradient was not a number.
  double rate_factor = 1;         ///< Of the stage's learning rate, for those.
  NamedNumbers gate_before = {};  ///< Numbers of the stage's gate as the stage began, by measured_key().
  MemoryLimits limits;            ///< What the run had to lower.
  std::string kernels;            ///< Kernel backends, as autotune_kernels() returned them.
  std::string log = {};           ///< LogMark of events.jsonl as this was saved; empty in those of earlier versions.
};

/// For state.json.
nlohmann::ordered_json to_json(const TrainProgress& progress, const Project& project);
/// Throws UserError when it can't be what to_json() wrote: a key is missing or of another type, a number out of bounds,
/// or what two keys say can't both be true.
TrainProgress read_train_progress(const nlohmann::ordered_json& state, const std::filesystem::path& where);
/// Throws UserError when the run got there with another seed, or by other stages than the project's schedule names.
void refuse_other_project(const nlohmann::ordered_json& state, const TrainProgress& progress, const Project& project,
                          const std::filesystem::path& where);

}  // namespace llavakd
