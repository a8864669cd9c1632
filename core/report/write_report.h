// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/run/run_folder.h"

namespace llavakd {

/// A page can tell so many runs apart.
inline constexpr size_t most_reported_runs = 12;

struct ReportOptions {
  /// Replaces the names of the user, of the machine and of people, and all absolute paths (run_redaction.h), and leaves
  /// the probes' pictures out.
  bool redact = false;
  /// Told what is written now, for people.
  std::function<void(const std::string& what)> progress = {};
};

struct WrittenReport {
  std::filesystem::path page;  ///< index.html
  int64_t files = 0, bytes = 0;
};

/// Writes the folder `out`: index.html, which needs nothing else, of a run or of several against each other, and next
/// to it every chart as SVG, every map as PNG and NPY, and every curve as CSV. The same runs give the same bytes. An
/// earlier report there is replaced; the folder appears whole or not at all. Runs at work are told as they are now.
/// Throws UserError where a run can't be read, `out` holds anything but an earlier report, or what shall be hidden
/// can't be taken out; RunError where the disk is full; Interrupted.
WrittenReport write_report(const std::vector<RunFolder>& runs, const std::filesystem::path& out,
                           const ReportOptions& options = {});

}  // namespace llavakd
