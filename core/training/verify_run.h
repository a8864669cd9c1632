// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/run/run_folder.h"
#include "core/run/run_verification.h"

namespace llavakd {

struct VerifyOptions {
  /// The checkpoint to look at ("DFT-18"); empty: all of the run.
  std::string checkpoint = {};
  /// So many steps are trained again and compared (replay.h); 0: none.
  int64_t replay_steps = 0;
  /// Told of each step of them.
  std::function<void(int64_t done, int64_t steps)> progress = {};
  /// Told of each part as it is done.
  std::function<void(const VerifiedPart&)> done = {};
};

/// Compares what a run has left behind with what it wrote: its checkpoints with their manifests and their states with
/// their names, its log with its checksums, and what it reads with the hashes in run.json. Writes the result into the
/// run's folder, where that can be written, unless a single checkpoint was asked for. Throws UserError where there is
/// no such run or checkpoint, or an engine is at work on it.
RunVerification verify_run(const RunFolder& run, const VerifyOptions& options = {});

/// A checkpoint alone, of no run: its files and its state.
VerifiedPart verify_lone_checkpoint(const std::filesystem::path& checkpoint);

/// A run's log, compared with its checksums and with what the run's end remembers of it.
VerifiedPart verify_log(const RunFolder& run, const RunInfo& info);

/// A folder of pictures that is gone is a thousand faults, which nobody reads and no window shows: twenty stay.
void cap_faults(VerifiedPart& part);

}  // namespace llavakd
