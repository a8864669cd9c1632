// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "core/run/event_log.h"
#include "core/run/step_history.h"

namespace llavakd {

/// What a log holds up to a line.
struct ReadLog {
  EventReader::Position position;
  StepHistory steps;
  std::vector<Event> events;  ///< As RecentEvents gives them.
};

/// Where the index of a log is: events.columns, next to events.jsonl. It may be removed at any time; whoever reads the
/// log writes it again.
std::filesystem::path columns_file(const std::filesystem::path& log);

/// What the index of a log says. Nothing where there is none, or one that is damaged, of another version, or of another
/// beginning of the log (a resume writes it again): then the log itself must be read.
std::optional<ReadLog> read_columns(const std::filesystem::path& log);

/// Writes the index, whole or not at all. False where that can't be done, as in a folder that is read-only.
bool write_columns(const std::filesystem::path& log, const ReadLog& read);

}  // namespace llavakd
