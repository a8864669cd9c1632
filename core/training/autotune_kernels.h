// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "core/distributed/communicator.h"
#include "core/models/multimodal_model.h"

namespace llavakd {

/// Sets the kernel backends of this thread and returns them as text. `kept`: the backends of the run that is continued,
/// or of those that this one is compared with. If that is empty, or unknown to this version, the fastest backends for
/// the student at sequences of `tokens` are measured with `threads` threads (0: as many as are set). Small models and
/// accelerators use LibTorch's choice: nothing is gained there, and two runs of one project then compute the same bits
/// without further settings. Of several ranks the leader chooses.
std::string autotune_kernels(const std::string& kept, const MultimodalModel& student, int64_t tokens,
                             Communicator& communicator, int64_t threads = 0);

}  // namespace llavakd
