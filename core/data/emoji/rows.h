// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/data/emoji/language.h"

namespace llavakd::emoji {

/// A scene with what is said about it. `image` is relative to the data's `images` folder: "captions/17.png"; of a probe
/// relative to the data folder: "probes/3.png".
struct Described {
  std::string id;
  std::string image;
  std::string caption;
  std::vector<Question> questions;
};

// Rows of LLaVA's conversation files, one JSON object a row:
//   {"id", "image", "conversations": [{"from": "human", "value": "<image>\n…"}, {"from": "gpt", "value": "…"}, …]}

/// One turn that asks for the caption. `alone` marks the row with "template": "pretrain" for a file that mixes
/// captions and dialogues: the prompt is then the picture alone.
std::string caption_row(const Described& scene, std::string_view id, bool alone = false);

/// All questions of the scene as the turns of one conversation.
std::string dialogue_row(const Described& scene);

/// One row per question: id "test-17-cell", with the key "type" by which the evaluation groups its scores.
std::vector<std::string> question_rows(const Described& scene);

/// A JSON list with one row a line.
std::string json_list(const std::vector<std::string>& rows);

}  // namespace llavakd::emoji
