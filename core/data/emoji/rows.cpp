// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/rows.h"

#include <nlohmann/json.hpp>

namespace llavakd::emoji {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kImage = "<image>\n";

void add_turn(Json& conversation, const std::string& human, const std::string& answer) {
  conversation.push_back(Json{{"from", "human"}, {"value", human}});
  conversation.push_back(Json{{"from", "gpt"}, {"value", answer}});
}

}  // namespace

std::string caption_row(const Described& scene, std::string_view id, bool alone) {
  Json row = {{"id", id}, {"image", scene.image}};
  if (alone) row["template"] = "pretrain";
  Json& conversation = row["conversations"] = Json::array();
  add_turn(conversation, std::string(kImage) + "Describe the picture.", scene.caption);
  return row.dump();
}

std::string dialogue_row(const Described& scene) {
  Json row = {{"id", scene.id}, {"image", scene.image}};
  Json& conversation = row["conversations"] = Json::array();
  for (const Question& q : scene.questions) {
    add_turn(conversation, (conversation.empty() ? std::string(kImage) : std::string()) + q.question, q.answer);
  }
  return row.dump();
}

std::vector<std::string> question_rows(const Described& scene) {
  std::vector<std::string> rows;
  for (const Question& q : scene.questions) {
    Json row = {{"id", scene.id + "-" + std::string(q.type)}, {"image", scene.image}, {"type", q.type}};
    Json& conversation = row["conversations"] = Json::array();
    add_turn(conversation, std::string(kImage) + q.question, q.answer);
    rows.push_back(row.dump());
  }
  return rows;
}

std::string json_list(const std::vector<std::string>& rows) {
  std::string text = "[\n";
  for (size_t i = 0; i < rows.size(); ++i) text += rows[i] + (i + 1 < rows.size() ? ",\n" : "\n");
  return text + "]\n";
}

}  // namespace llavakd::emoji
