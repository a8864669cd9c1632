// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "core/models/multimodal_model.h"

namespace llavakd {

/// Sets which of the ways that compute the same this thread takes, and returns the choice as text. `kept`: the choice
/// of the run that is continued, or of those that this one is compared with; empty, or not known here, the faster ways
/// for the student at sequences of `tokens` are measured with `threads` threads (0: as many as are set). Small models
/// and accelerators take the plain ways: nothing is gained there, and two runs of one project then compute the same
/// bits without having to be told.
std::string settle_kernels(const std::string& kept, const MultimodalModel& student, int64_t tokens,
                           int64_t threads = 0);

}  // namespace llavakd
