// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// Seconds since the system started this process (field 22 of /proc/self/stat, in ticks of 1/100 s on Linux), so that
/// loading of libraries counts; 0 where that can't be read.
double process_age_seconds();

}  // namespace llavakd
