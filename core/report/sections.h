// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "core/report/report_files.h"
#include "core/report/report_run.h"

namespace llavakd {

// The parts of a page, as HTML without their headings. Those of several runs compare them. An empty text: there is
// nothing to tell.

/// State, what was trained, how long, stages with their final loss, notes.
std::string summary_html(const std::vector<ReportRun>& runs);

/// Scores with their intervals, by task and file, and what they are made of; writes them as SVG and CSV.
std::string scores_html(const std::vector<ReportRun>& runs, ReportFiles& files);

/// The curves, each with the numbers behind it; writes them as SVG.
std::string curves_html(const std::vector<ReportRun>& runs, ReportFiles& files);

/// Warnings, gates and alerts.
std::string notices_html(const std::vector<ReportRun>& runs);

/// Options: of one run those that aren't what a new project has first; of several those that differ first.
std::string options_html(const std::vector<ReportRun>& runs);

/// Versions, machine, inputs with their hashes, and what was verified when.
std::string provenance_html(const ReportRun& run);

/// "verified", "damaged", …: a word with its mark.
std::string verification_badge(const ReportRun& run);
std::string state_badge(const ReportRun& run);

}  // namespace llavakd
