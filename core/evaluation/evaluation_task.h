// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "core/checkpoint/loaded_model.h"

namespace llavakd {

/// A file of questions with known answers, and how they are asked.
struct ScoringOptions {
  std::filesystem::path file;    ///< Conversation file; each row's answers are the gold ones, "type" its group.
  std::filesystem::path images;  ///< Folder that its image paths start from.
  std::string conversation_template;
  std::string aspect_ratio = {};  ///< "square" or "pad"; empty: as the model's config says.
  int64_t max_length = 2048;
  int64_t batch_size = 64;
};

/// Told how many questions of how many are done; returns false to stop.
using ScoringProgress = std::function<bool(int64_t done, int64_t total)>;

/// One way of scoring answers. Its result is {"score": percent or null, "score_is": what that number is in words,
/// "types": {type: percent}, "types_not_asked": [type], "questions": how many were asked, "of": how many there are,
/// "skipped": [a sentence each]}. Where no question could be asked there is no score: null, and "no_score" says why.
struct EvaluationTask {
  std::string_view name;  ///< As in catalog::evaluation_tasks().
  nlohmann::ordered_json (*score)(const LoadedModel&, const ScoringOptions&, const ScoringProgress&);
};

/// All tasks; the catalog names the same.
std::span<const EvaluationTask> evaluation_tasks();

/// Scores the model by the task of that name: {"task", "file"}, then the task's result. Throws UserError for an unknown
/// task and what can't be read, RunError when `progress` stops it.
nlohmann::ordered_json score(const LoadedModel& model, const std::string& task, const ScoringOptions& options,
                             const ScoringProgress& progress = {});

/// A result of score() in words: "exact_match: 71.20 % (mean over 3 types), 60 questions", or why there is no score.
/// Also of results that older versions wrote.
std::string score_text(const nlohmann::ordered_json& result);

}  // namespace llavakd
