// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/observers/evaluator.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/evaluation/evaluation_task.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"

namespace llavakd {

void Evaluator::after_training() {
  if (run_.project.evaluations.empty()) return;
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (size_t i = 0; i < run_.project.evaluations.size(); ++i) {
    const TaskResult* found = result(i);
    if (!found) {
      run_.state.stopped = true;
      return;
    }
    results.push_back(to_json(*found));
    if (!found->score) run_.warn(score_text(*found));
    run_.emit(EvaluationEvent{.result = *found});
  }
  write_json(run_.folder.evaluations() / fmt::format("{}-{}.json", run_.state.progress.stage, run_.state.progress.step),
             results);
}

const TaskResult* Evaluator::result(size_t index, bool may_stop) {
  if (step_ != run_.state.progress.step) results_.clear();
  step_ = run_.state.progress.step;
  if (const auto known = results_.find(index); known != results_.end()) return &known->second;
  const EvaluationOptions& options = run_.project.evaluations.at(index);
  const ScoringOptions how{.file = resolve(run_.project_file, options.file),
                           .images = images_folder(run_.project_file, options.file, options.images),
                           .conversation_template = run_.project.conversation_template,
                           .aspect_ratio = run_.project.image.aspect_ratio,
                           .max_length = run_.project.max_length};
  const auto go_on = [&](int64_t, int64_t) {
    return run_.control.keep_going() || !may_stop;
  };
  try {
    TaskResult& added = results_[index] = score(*run_.models.student, options.task, how, go_on);
    added.settings.file = options.file;
    return &added;
  } catch (const RunError&) {
    results_.erase(index);
    if (!may_stop || run_.control.state() != RunControl::State::stopping) throw;
    return nullptr;
  }
}

}  // namespace llavakd
