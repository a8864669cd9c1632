// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/run/events.h"

namespace llavakd {

/// The first event of a log, if it is whole and of a known format.
std::optional<Event> first_event(const std::filesystem::path& file);

/// The newest events of a log, oldest first: those in its last `bytes`, and of longer logs as many more as it takes to
/// hold a step, 4 MiB at most. What this version doesn't know or can't read is left out; in a log whose newest process
/// announces a newer format, that is all.
std::vector<Event> newest_events(const std::filesystem::path& file, int64_t bytes = int64_t{1} << 16);

}  // namespace llavakd
