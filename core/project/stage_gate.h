// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

// The gate of a stage: limits on what is known of the student at its end. One rule for engine, check and window.

/// Index of the evaluation whose score the limit is for: the one whose file it names, without its folders where no
/// other has that name, or the first. Nothing where there is none.
std::optional<size_t> evaluation_of(const LimitOptions& limit, const Project& project);

/// Why the number can never be known, without a full stop; nothing where it can.
std::optional<std::string> limit_fault(const LimitOptions& limit, const StageOptions& stage, const Project& project);

/// Why the limit is always met or never, whatever is learnt: by what the catalogs say that the number can be. A
/// sentence without a full stop; nothing where it may be either.
std::optional<std::string> idle_limit(const LimitOptions& limit, const Project& project);

/// What `of` may be for this measure: files of the evaluations, terms of the probes, terms of the stage's loss.
std::vector<std::string> limit_subjects(std::string_view measure, const StageOptions& stage, const Project& project);

/// Whether more is better.
bool is_least(const LimitOptions& limit);

/// What the number must be, at least or at most. NaN where it depends on a beginning that isn't known.
double bound_of(const LimitOptions& limit, double beginning);

/// Whether the limit is met; not by what is no number.
bool is_met(const LimitOptions& limit, double beginning, double end);

/// Under what the number is kept: the same for two limits on the same one, and for no others.
std::string measured_key(const LimitOptions& limit, const Project& project);

/// "score of test.json", "TERM of the probes", "loss TERM".
std::string limit_subject_text(const LimitOptions& limit);

/// The same with what it must be: "score of test.json at least 2 points above the beginning".
std::string limit_text(const LimitOptions& limit);

}  // namespace llavakd
