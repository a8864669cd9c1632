// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/run/run_difference.h"
#include "core/run/run_overview.h"

namespace llavakd {

/// Lines of cells, in columns that are as wide as their widest cell; the last column isn't padded. The first line is
/// the heading.
std::string table_text(const std::vector<std::vector<std::string>>& lines);

/// The runs of a project's folder, one a line: name, status, step, losses, score, duration, size, tags. `*` marks the
/// baseline; of another project's run the status says whose it is.
std::string runs_table(const std::vector<RunOverview>& runs);

/// Where the options of these runs differ, or all of one run's: stage, option, and a value for each.
std::string options_table(const std::vector<std::string>& names, const std::vector<OptionRow>& rows);

std::string checkpoints_table(const std::vector<RunCheckpoint>& checkpoints);

/// A text of several lines that a terminal does nothing for but to show it: what would be a command to it is escaped.
std::string lines_text(std::string_view text);

/// "2026-11-30 10:15", in this machine's time; "–" for 0.
std::string date_text(double seconds);

}  // namespace llavakd
