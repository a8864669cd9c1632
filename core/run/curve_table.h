// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace llavakd {

/// A text as a field of CSV (RFC 4180). Names in files of others may be anything.
std::string csv_text(std::string_view text);

/// Writes the steps of a log as CSV, a row a step in the order of the log: step, stage, stage_step, total, each term
/// raw and weighted, gradient norm, learning rate, samples, skipped, tokens, seconds. All digits of the log; what a
/// step doesn't have is empty. Gives the number of rows.
int64_t write_curve_table(const std::filesystem::path& log, const std::filesystem::path& file);

}  // namespace llavakd
