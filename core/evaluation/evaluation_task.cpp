// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/evaluation_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"
#include "core/project/catalog.h"

namespace llavakd {

TaskResult score(const LoadedModel& model, const std::string& task, const ScoringOptions& options,
                 const ScoringProgress& progress) {
  find(catalog::evaluation_tasks(), task, "task");
  const std::vector<EvaluationTask> tasks = evaluation_tasks();
  const auto found = std::ranges::find(tasks, task, &EvaluationTask::name);
  if (found == tasks.end()) throw UserError(fmt::format("The task \"{}\" can't be scored here.", task));
  TaskResult result = found->score(model, options, progress);
  refuse_changed_mappings();
  const std::string& of_model = model.model.config().image_aspect_ratio;
  result.scorer = task;
  result.settings = {.file = options.file.string(),
                     .conversation_template = options.conversation_template,
                     .aspect_ratio = options.aspect_ratio.empty() ? of_model : options.aspect_ratio,
                     .max_length = options.max_length};
  return result;
}

ScoreWithAnswers score_with_answers(const LoadedModel& model, const std::string& task, ScoringOptions options,
                                    const ScoringProgress& progress) {
  ScoreWithAnswers scored;
  AnswerSet& set = scored.answers;
  set = {.model = model.folder.string(), .task = task, .file = options.file, .images = options.images, .answers = {}};
  options.keep_answer = [&](KeptAnswer kept) {
    set.answers.push_back(std::move(kept));
  };
  scored.result = score(model, task, options, progress);
  if (set.answers.empty() && scored.result.n > 0)
    throw UserError(
        fmt::format("The task \"{}\" calls no answer right or wrong, so that there are none to keep.", task));
  return scored;
}

}  // namespace llavakd
