// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/report/report_files.h"
#include "core/report/report_run.h"
#include "core/run/redaction.h"

namespace llavakd {

/// What a page holds at most of a run's probes; its files hold no more of them.
inline constexpr size_t most_shown_probes = 8;
inline constexpr int64_t most_listed_pairs = 8;
/// Looks at a probe: of pictures of up to `few_tokens` tokens, whose maps take no room worth speaking of, and of
/// others.
inline constexpr size_t most_small_looks = 40, most_shown_looks = 12;
inline constexpr int few_tokens = 64;
/// Rows of a map in the page; those in the files have all, up to most_map_file_rows.
inline constexpr int most_map_rows = 128, most_map_file_rows = 1024;

/// The probes' maps through the run as HTML, each with a slider, and the pairs that disagree most; writes every map as
/// PNG and NPY to maps/run-NUMBER/. A probe's picture is shown where it is still the one that the run noted; with
/// redaction none is. Empty where the run has no probes. Throws Interrupted, and RunError where the disk is full.
std::string probe_maps_html(const ReportRun& run, size_t number, ReportFiles& files, Redaction* redaction);

}  // namespace llavakd
