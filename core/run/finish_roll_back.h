// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/run/run_folder.h"
#include "core/run/train_progress.h"

namespace llavakd {

// The second half of a roll back, after what is left has become a run of its own. run.json says from its beginning to
// its end what is being done (RunInfo::going_back), so that whoever opens the run after a kill can settle it.

/// What a kill had left of a roll back.
struct SettledRollBack {
  bool done = false;  ///< It has been finished now; otherwise the run hasn't gone back.
  RolledBackEvent what;
};

/// Finishes a roll back that was cut short, where the run of what is left and the checkpoint to go back to are whole;
/// otherwise undoes it. Nothing where there is none, or run.json can't be read. The caller holds the run's lock.
std::optional<SettledRollBack> settle_roll_back(const RunFolder& run);

/// For people, a sentence.
std::string to_text(const SettledRollBack& settled);

/// Whether this run holds what that roll back left.
bool keeps_what_was_left(const RunFolder& kept, const RolledBackEvent& what);

/// Takes the run back to where it was `at`, and notes it, in an order in which each step may be done again. The caller
/// holds the run's lock.
void go_back_to(const RunFolder& run, const TrainProgress& at, const RollBackRecord& record);

/// Forgets a roll back that isn't to be finished.
void forget_roll_back(const RunFolder& run);

/// Removes what comes after the step and was written before that time: a file that couldn't be removed then, say.
void remove_what_was_left(const RunFolder& run, int64_t step, double time);

}  // namespace llavakd
