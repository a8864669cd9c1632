// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace llavakd {

/// The numbers behind a score, in percent: that of each type of question, or what else a task counts (precision).
struct Breakdown {
  std::string by = "types";  ///< What the parts are, in the plural; also their key in JSON.
  /// Name and value, in the order to show; no value where no question decided it.
  std::vector<std::pair<std::string, std::optional<double>>> parts = {};
};

/// How the questions were asked. A member is empty or 0 where an old record doesn't tell.
struct TaskSettings {
  std::string file;  ///< The questions; in a run's record as the project names them.
  std::string conversation_template;
  std::string aspect_ratio;
  int64_t max_length = 0;
};

/// What an evaluation task found out about a model: the record in `eval` events, in eval/*.json and in `llavakd eval`.
/// Nothing in it depends on which task it was.
struct TaskResult {
  std::optional<double> score;  ///< In percent; nothing where no question could be asked.
  std::string score_is = {};    ///< What the score is, in words: "mean over 3 types".
  std::string no_score = {};    ///< Where there is no score, why: a sentence.
  int64_t n = 0;                ///< Questions that were asked.
  Breakdown breakdown = {};
  std::vector<std::string> skipped = {};  ///< For each question that was left out, which one and why.
  std::string scorer = {};                ///< The task's name in catalog::evaluation_tasks().
  TaskSettings settings = {};
};

/// {"task", "file", "score", "score_is" or "no_score", "breakdown": its `by`, BY: {part: percent},
/// BY_not_asked: [part without a value], "questions": n, "of": with those left out, "skipped", "settings"}.
nlohmann::ordered_json to_json(const TaskResult& result);

/// Reads that, and records of older versions. What is missing or of another type is left out.
TaskResult task_result_from_json(const nlohmann::ordered_json& json);

/// In one line: "exact_match: 71.20 % (mean over 3 types), 60 questions", or why there is no score.
std::string score_text(const TaskResult& result);

}  // namespace llavakd
