// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "core/run/run_checkpoints.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// The checkpoint that a run would go back to: of this name, or the last one of the stage of this name; empty: the last
/// one of the stage before the newest checkpoint's. Throws UserError where there is none, or nothing to go back from.
RunCheckpoint roll_back_target(const RunFolder& run, const std::string& to = {});

/// Takes a run back to that checkpoint, from which a resume goes on. Checkpoints, record, probes and evaluations that
/// come after it become a run of their own first, "ID-CHECKPOINT", so that nothing is lost; both run.json keep the
/// reason. Killed at any moment, it is done or undone when the run is next opened (finish_roll_back); one that was cut
/// short and meant the same is finished, with the reason that it had. Throws UserError where an engine is at work on
/// the run, or the checkpoint isn't whole.
RolledBackEvent roll_back_run(const RunFolder& run, const std::string& to, const std::string& reason);

}  // namespace llavakd
