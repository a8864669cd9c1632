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
  for (const EvaluationOptions& options : run_.project.evaluations) {
    const auto file = resolve(run_.project_file, options.file);
    const ScoringOptions how{.file = file,
                             .images = images_folder(run_.project_file, options.file, options.images),
                             .conversation_template = run_.project.conversation_template,
                             .aspect_ratio = run_.project.image.aspect_ratio,
                             .max_length = run_.project.max_length};
    const auto go_on = [&](int64_t, int64_t) {
      return run_.control.keep_going();
    };
    TaskResult result;
    try {
      result = score(*run_.models.student, options.task, how, go_on);
    } catch (const RunError&) {
      if (run_.control.state() != RunControl::State::stopping) throw;
      run_.state.stopped = true;
      return;
    }
    result.settings.file = options.file;
    results.push_back(to_json(result));
    if (!result.score) run_.warn(score_text(result));
    run_.emit(EvaluationEvent{.result = std::move(result)});
  }
  write_json(run_.folder.evaluations() / fmt::format("{}-{}.json", run_.state.progress.stage, run_.state.progress.step),
             results);
}

}  // namespace llavakd
