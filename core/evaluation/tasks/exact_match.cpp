// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/questions.h"

namespace llavakd {
namespace {

/// Share of questions whose greedy answer is the expected one, by type. That is decided without decoding: a row is
/// right when the arg max at each of its labelled positions, end token included, is the expected token given the
/// expected ones before it, which holds exactly when greedy decoding gives the same tokens.
TaskResult exact_match(const LoadedModel& model, const ScoringOptions& options, const ScoringProgress& progress) {
  const auto judge = [&](const std::vector<TaskQuestion>& questions) {
    return greedy_answers_match(model.model, questions);
  };
  return score_accuracy(model, options, progress, judge, RightAnswer::is_expected);
}

}  // namespace

EvaluationTask exact_match_task() {
  return {.name = "exact_match", .score = exact_match};
}

}  // namespace llavakd
