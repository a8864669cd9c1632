// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/run/event_sums.h"

namespace llavakd {

/// What of a log is as it was written.
struct ComparedLog {
  int64_t lines = 0;                     ///< Whole ones.
  bool has_sums = false;                 ///< Logs of earlier versions have none: of them nothing is known.
  std::vector<std::string> faults = {};  ///< Sentences: what is lost, changed or foreign.
};

/// Compares a log with its checksums. `saved` is what a checkpoint or the run's end remembers of it. A line that is
/// half written is none, and the last may lack its checksum: the run was killed there.
ComparedLog compare_log(const std::filesystem::path& log, const std::optional<LogMark>& saved);

}  // namespace llavakd
