// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/models/multimodal_model.h"
#include "core/text/tokenizer.h"

namespace llavakd {

struct ExactMatchOptions {
  std::filesystem::path file;
  std::filesystem::path images;
  std::string conversation_template;
  std::string aspect_ratio = "square";
  int64_t max_length = 2048;
  int64_t batch_size = 64;
};

/// Share of questions whose greedy answer equals the given one, in percent: each answer position's arg max, end token
/// included, given the gold prefix, which is the same as greedy decoding and string equality. Rows are grouped by their
/// "type"; `score` is the plain mean over the types. Returns {"score", "types": {type: percent}, "questions", "skipped"}.
/// `progress(done, total)` may return false to stop (then RunError "stopped").
nlohmann::ordered_json exact_match(const MultimodalModel& model, const Tokenizer& tokenizer,
                                   const std::filesystem::path& checkpoint, const ExactMatchOptions& options,
                                   const std::function<bool(int64_t, int64_t)>& progress = {});

}  // namespace llavakd
