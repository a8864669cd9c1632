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
  /// Where no checkpoint is there, the run's first steps are done again, from the project's untrained student.
  bool may_begin_anew = false;
  int64_t threads = 0;  ///< Of LibTorch; 0: what the project says.
  /// Changes the project once all that the record says of it is put together: where its inputs are.
  std::function<void(Project&)> change_project = {};
  double tolerance = 0;  ///< Of numbers, as a share of their size, where the machine isn't the run's; 0: none.
  /// Told of each step that is done, and of how many.
  std::function<void(int64_t done, int64_t steps)> progress = {};
};

/// Trains some steps again, from a checkpoint of the run and in a folder of its own, and compares them bit by bit with
/// what the run has recorded: the numbers of each step, and the next checkpoint's files where the steps end at one.
/// What the machine does otherwise than the run's is named; only then a tolerance counts, and the part is_near. Inputs
/// that have changed are left to whoever compares those: nothing is computed then.
VerifiedPart replay_run(const RunFolder& run, const RunInfo& info, const ReplayOptions& options);

}  // namespace llavakd
