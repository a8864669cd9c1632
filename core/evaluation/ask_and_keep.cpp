// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ask_and_keep.h"

#include <fmt/format.h>

#include <system_error>

#include "core/base/errors.h"
#include "core/checkpoint/model_template.h"
#include "core/evaluation/evaluation_task.h"

namespace llavakd {

LoadedModel load_asked(const AskedModel& asked) {
  return load_model(asked.model, {precision_of(asked.precision), device_of(asked.device)});
}

std::string aspect_ratio_of(const AskedModel& asked, const LoadedModel& model) {
  return model.model.config().has_aspect_ratio ? std::string() : asked.aspect_ratio;
}

std::filesystem::path ask_and_keep(const RunFolder& run, const AskedModel& asked, const AskingProgress& progress) {
  if (const auto kept = kept_answers_path(run, asked)) return *kept;
  const std::filesystem::path path = answers_path(run, asked);
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw UserError(fmt::format("{} can't be made: {}.", path.parent_path().string(), error.message()));
  const LoadedModel model = load_asked(asked);
  const ModelTemplate known = template_of_model(model);
  ScoringOptions options{.file = asked.evaluation.file, .images = asked.evaluation.images, .conversation_template = {}};
  options.conversation_template = known.is_guess() ? asked.conversation_template : known.name;
  options.aspect_ratio = aspect_ratio_of(asked, model);
  options.max_length = asked.max_length;
  options.batch_size = 8;  // it tells how far it is after each
  const ScoreWithAnswers scored =
      score_with_answers(model, asked.evaluation.task, options,
                         [&](int64_t done, int64_t total) { return !progress || progress(asked.who, done, total); });
  if (scored.answers.answers.empty())
    throw UserError(fmt::format("{}: {}", asked.model.string(), scored.result.no_score));
  write_answers(path, scored.answers);
  return path;
}

}  // namespace llavakd
