// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>

#include "core/evaluation/evaluation_task.h"

namespace llavakd {

/// Share of questions whose greedy answer is the given one, in percent. A row counts when the arg max at each of its
/// labelled positions, end token included, is the gold token given the gold prefix, which holds exactly when greedy
/// decoding gives the same string. Rows are grouped by their "type"; `score` is the plain mean over the
/// types that were asked. Returns what EvaluationTask says. `progress` may stop it: then RunError.
nlohmann::ordered_json exact_match(const LoadedModel& model, const ScoringOptions& options,
                                   const ScoringProgress& progress = {});

}  // namespace llavakd
