// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>

#include "core/report/report_files.h"
#include "core/report/report_run.h"
#include "core/run/redaction.h"

namespace llavakd {

/// What a page holds at most: files of answers of a run, and answers of each.
inline constexpr size_t most_answer_files = 12, most_listed_answers = 100;

/// The answers that a run keeps (core/run/answer_files.h) as HTML: how many are right, and the first ones, wrong ones
/// before right ones; writes all of them to answers/run-NUMBER/ as CSV. Of a damaged file why it is left out. Empty
/// where the run keeps none. Throws Interrupted, and RunError where the disk is full.
std::string answers_html(const ReportRun& run, size_t number, ReportFiles& files, Redaction* redaction);

}  // namespace llavakd
