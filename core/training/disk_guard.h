// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/training/run_context.h"

namespace llavakd {

/// Bytes left on the disk of the run's folder; -1 where the system doesn't tell.
int64_t bytes_left(const RunContext& run);

/// Pauses the run as long as the disk of its folder has less room than what comes next will take, so that it doesn't
/// end on a full disk: a `paused` event says why. It goes on by itself once there is room. A request to stop ends the
/// waiting; a run that a person has paused waits for that person, not here.
void wait_for_room(RunContext& run, int64_t bytes);

}  // namespace llavakd
