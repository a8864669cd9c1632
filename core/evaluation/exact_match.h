// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/evaluation/loaded_model.h"

namespace llavakd {

struct ExactMatchOptions {
  std::filesystem::path file;    ///< Conversation file; each row's answers are the gold ones, "type" its group.
  std::filesystem::path images;  ///< Folder that its image paths start from.
  std::string conversation_template;
  std::string aspect_ratio = {};  ///< "square" or "pad"; empty: as the model's config says.
  int64_t max_length = 2048;
  int64_t batch_size = 64;
};

/// Share of questions whose greedy answer is the given one, in percent. A row counts when the arg max at each of its
/// labelled positions, end token included, is the gold token given the gold prefix, which holds exactly when greedy
/// decoding gives the same string. Rows are grouped by their "type"; `score` is the plain mean over the types. Returns
/// {"score", "types": {type: percent}, "questions", "skipped"}. `progress(done, total)` may return false to stop: then
/// RunError.
nlohmann::ordered_json exact_match(const LoadedModel& model, const ExactMatchOptions& options,
                                   const std::function<bool(int64_t, int64_t)>& progress = {});

}  // namespace llavakd
