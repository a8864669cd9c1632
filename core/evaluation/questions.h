// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/data/sample.h"
#include "core/evaluation/evaluation_task.h"
#include "core/text/segments.h"

// What evaluation tasks are made of: the questions of a file, asked batch by batch.

namespace llavakd {

/// One question as the model gets it.
struct TaskQuestion {
  std::shared_ptr<const Sample> sample;  ///< The row of the file; its "gpt" turns are the expected answers.
  Sequence sequence;                     ///< Question and expected answer; labels are the answer's tokens with its end.
  at::Tensor features;  ///< Tower features [images, feature tokens, width]; undefined without an image.
};

/// The row's "type", or "all" where it has none.
std::string question_type(const Sample& sample);

/// What became of a file's questions.
struct AskedQuestions {
  TaskResult result;            ///< With `n`, `skipped` and, where nothing could be asked, `no_score`.
  std::set<std::string> types;  ///< Of all questions, also of those that were left out.
};

/// Reads the file and gives its questions to `ask`, options.batch_size at a time. A question that can't be asked (a
/// broken picture, no room for its answer) is left out and named in the result. Throws UserError where the file can't
/// be read or the template is unknown, RunError when `progress` stops it.
AskedQuestions ask_questions(const LoadedModel& model, const ScoringOptions& options, const ScoringProgress& progress,
                             const std::function<void(const std::vector<TaskQuestion>&)>& ask);

/// Whether an answer that a task calls right may have other words than the expected one.
enum class RightAnswer { may_differ, is_expected };

/// A task that calls each answer right or wrong: `judge` tells which of a batch are right. The breakdown is the share
/// of right answers of each type, the score the plain mean over the types that were asked. Where answers are kept, they
/// are decoded, unless `right_answer` says that they are known. Throws like ask_questions.
TaskResult score_accuracy(const LoadedModel& model, const ScoringOptions& options, const ScoringProgress& progress,
                          const std::function<std::vector<bool>(const std::vector<TaskQuestion>&)>& judge,
                          RightAnswer right_answer = RightAnswer::may_differ);

/// For each question, whether the model's greedy answer is the expected one: the arg max at each labelled position is
/// the label, given the labels before it. One pass through the model for the whole batch.
std::vector<bool> greedy_answers_match(const MultimodalModel& model, const std::vector<TaskQuestion>& questions);

/// The model's own answer to the (first) question, decoded greedily up to its end, `max_new_tokens` or the model's last
/// position; without white space around it. `cut`, where given, becomes whether it was ended by one of the latter two.
std::string greedy_answer(const LoadedModel& model, const ScoringOptions& options, const TaskQuestion& question,
                          int64_t max_new_tokens, bool* cut = nullptr);

}  // namespace llavakd
