// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/run/run_folder.h"
#include "core/run/run_verification.h"

namespace llavakd {

struct ReplayOptions {
  int64_t steps = 4;      ///< At most.
  std::string from = {};  ///< The checkpoint to start from; empty: the newest that the run has gone on from.
  /// Told of each step that is done, and of how many.
  std::function<void(int64_t done, int64_t steps)> progress = {};
};

/// Trains some steps again, from a checkpoint of the run and in a folder of its own, and compares them bit by bit with
/// what the run has recorded: the numbers of each step, and the next checkpoint's files where the steps end at one.
/// What the machine does otherwise than the run's is named. Inputs that have changed are left to whoever compares
/// those: nothing is computed then.
VerifiedPart replay_run(const RunFolder& run, const RunInfo& info, const ReplayOptions& options);

}  // namespace llavakd
