// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/evaluation_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/evaluation/exact_match.h"
#include "core/project/catalog.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr EvaluationTask tasks[] = {{"exact_match", exact_match}};

}  // namespace

std::span<const EvaluationTask> evaluation_tasks() {
  return tasks;
}

Json score(const LoadedModel& model, const std::string& task, const ScoringOptions& options,
           const ScoringProgress& progress) {
  find(catalog::evaluation_tasks(), task, "task");
  const auto scorer = std::ranges::find(tasks, task, &EvaluationTask::name);
  if (scorer == std::end(tasks)) throw UserError(fmt::format("The task \"{}\" can't be scored here.", task));
  Json result = {{"task", task}, {"file", options.file.string()}};
  result.update(scorer->score(model, options, progress));
  return result;
}

std::string score_text(const Json& result) {
  const std::string task = result.value("task", "score");
  const auto score = result.find("score");
  if (score == result.end() || !score->is_number())
    return fmt::format("{}: no score: {}", task, result.value("no_score", "no question could be asked."));
  std::string text = fmt::format("{}: {:.2f} %", task, score->get<double>());
  if (result.contains("score_is")) text += fmt::format(" ({})", result.value("score_is", ""));
  const auto questions = result.value("questions", int64_t{0}), of = result.value("of", questions);
  text +=
      of > questions ? fmt::format(", {} of {} questions", questions, of) : fmt::format(", {} questions", questions);
  return text;
}

}  // namespace llavakd
