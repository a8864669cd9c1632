// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/task_result.h"

#include <fmt/format.h>

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// The member of that key; null where there is none.
const Json& json_member(const Json& json, const std::string& key) {
  static const Json none;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found == json.end() ? none : *found;
}

std::string text_member(const Json& json, const std::string& key) {
  const Json& value = json_member(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<int64_t> count_member(const Json& json, const std::string& key) {
  const Json& value = json_member(json, key);
  return value.is_number_integer() ? std::optional(value.get<int64_t>()) : std::nullopt;
}

Breakdown breakdown_from_json(const Json& json) {
  Breakdown breakdown;
  if (const std::string by = text_member(json, "breakdown"); !by.empty()) breakdown.by = by;
  if (const Json& parts = json_member(json, breakdown.by); parts.is_object())
    for (const auto& [name, value] : parts.items())
      if (value.is_number()) breakdown.parts.emplace_back(name, value.get<double>());
  if (const Json& not_asked = json_member(json, breakdown.by + "_not_asked"); not_asked.is_array())
    for (const Json& name : not_asked)
      if (name.is_string()) breakdown.parts.emplace_back(name.get<std::string>(), std::nullopt);
  return breakdown;
}

/// The first records had no words for the score, which was always a mean over the types.
std::string score_is_of_old_record(const Breakdown& breakdown) {
  return breakdown.parts.size() > 1 ? fmt::format("mean over {} {}", breakdown.parts.size(), breakdown.by) : "";
}

}  // namespace

nlohmann::ordered_json to_json(const TaskResult& result) {
  const Breakdown& breakdown = result.breakdown;
  const TaskSettings& settings = result.settings;
  Json json = {{"task", result.scorer}, {"file", settings.file}}, parts = Json::object(), not_asked = Json::array();
  for (const auto& [name, percent] : breakdown.parts)
    if (percent)
      parts[name] = *percent;
    else
      not_asked.push_back(name);
  json["score"] = result.score ? Json(*result.score) : Json();
  if (result.score)
    json["score_is"] = result.score_is;
  else
    json["no_score"] = result.no_score;
  json["breakdown"] = breakdown.by;
  json[breakdown.by] = std::move(parts);
  json[breakdown.by + "_not_asked"] = std::move(not_asked);
  json["questions"] = result.n;
  json["of"] = result.n + static_cast<int64_t>(result.skipped.size());
  json["skipped"] = result.skipped;
  json["settings"] = {{"conversation_template", settings.conversation_template},
                      {"aspect_ratio", settings.aspect_ratio},
                      {"max_length", settings.max_length}};
  return json;
}

TaskResult task_result_from_json(const nlohmann::ordered_json& json) {
  TaskResult result;
  result.scorer = text_member(json, "task");
  result.score_is = text_member(json, "score_is");
  result.no_score = text_member(json, "no_score");
  result.breakdown = breakdown_from_json(json);
  const auto questions = count_member(json, "questions");
  result.n = questions.value_or(0);
  // Old records had a score of 0 where no question was asked.
  if (const Json& score = json_member(json, "score"); score.is_number() && questions != 0)
    result.score = score.get<double>();
  if (result.score && result.score_is.empty()) result.score_is = score_is_of_old_record(result.breakdown);
  if (const Json& skipped = json_member(json, "skipped"); skipped.is_array())
    for (const Json& reason : skipped)
      if (reason.is_string()) result.skipped.push_back(reason.get<std::string>());
  const Json& settings = json_member(json, "settings");
  result.settings = {.file = text_member(json, "file"),
                     .conversation_template = text_member(settings, "conversation_template"),
                     .aspect_ratio = text_member(settings, "aspect_ratio"),
                     .max_length = count_member(settings, "max_length").value_or(0)};
  return result;
}

std::string score_text(const TaskResult& result) {
  const std::string scorer = result.scorer.empty() ? "score" : result.scorer;
  if (!result.score)
    return fmt::format("{}: no score: {}", scorer,
                       result.no_score.empty() ? "no question could be asked." : result.no_score);
  std::string text = fmt::format("{}: {:.2f} %", scorer, *result.score);
  if (!result.score_is.empty()) text += fmt::format(" ({})", result.score_is);
  if (!result.skipped.empty())
    return text + fmt::format(", {} of {} questions", result.n, result.n + static_cast<int64_t>(result.skipped.size()));
  return text + fmt::format(", {} questions", result.n);
}

}  // namespace llavakd
