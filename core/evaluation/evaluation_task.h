// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/run/kept_answers.h"
#include "core/run/task_result.h"

namespace llavakd {

/// A file of questions with known answers, and how they are asked.
struct ScoringOptions {
  std::filesystem::path file;    ///< Conversation file; each row's answers are the expected ones, "type" its group.
  std::filesystem::path images;  ///< Folder that its image paths start from.
  std::string conversation_template;
  std::string aspect_ratio = {};  ///< "square" or "pad"; empty: as the model's config says.
  int64_t max_length = 2048;
  int64_t batch_size = 64;
  /// Told of every answer in the file's order, by tasks that call answers right or wrong. Empty: nothing is decoded for
  /// it.
  std::function<void(KeptAnswer)> keep_answer = {};
  int64_t max_new_tokens = 128;  ///< Longest kept answer; longer ones are cut and say so.
};

/// Told how many questions of how many are done; returns false to stop.
using ScoringProgress = std::function<bool(int64_t done, int64_t total)>;

/// Scores a model. The result's `scorer` and `settings` are filled in by score(). Throws UserError for what can't be
/// read, RunError when `progress` stops it.
using TaskFunction = TaskResult(const LoadedModel& model, const ScoringOptions& options,
                                const ScoringProgress& progress);

/// One way of scoring answers: what `NAME_task()` of tasks/NAME.cpp returns.
struct EvaluationTask {
  std::string_view name;  ///< That of its file and of its entry in catalog::evaluation_tasks().
  TaskFunction* score = nullptr;
};

/// What the files of tasks/ give, in the order of their names. CMake writes its source.
std::vector<EvaluationTask> evaluation_tasks();

/// Scores the model by the task of that name. Throws UserError for an unknown task and what can't be read, RunError
/// when `progress` stops it.
TaskResult score(const LoadedModel& model, const std::string& task, const ScoringOptions& options,
                 const ScoringProgress& progress = {});

/// The same, and every answer of the model. Throws UserError, too, where the task calls no answer right or wrong.
struct ScoreWithAnswers {
  TaskResult result;
  AnswerSet answers;
};
ScoreWithAnswers score_with_answers(const LoadedModel& model, const std::string& task, ScoringOptions options,
                                    const ScoringProgress& progress = {});

}  // namespace llavakd
