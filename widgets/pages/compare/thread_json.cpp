// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/thread_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* threadFormat = "llavakd-compare";
constexpr std::array<std::string_view, 3> choiceNames{"first", "second", "tie"};

template <class Number>
Json orNull(const std::optional<Number>& number) {
  return number ? Json(*number) : Json();
}

template <class Number>
std::optional<Number> keptNumber(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? std::optional(found->get<Number>()) : std::nullopt;
}

QString textAt(const Json& json, const char* key) {
  return toQString(json.value(key, std::string()));
}

Json modelJson(const AskedModel& model) {
  return {{"who", model.who == theme::Who::teacher ? "teacher" : "student"},
          {"checkpoint", model.folder.toStdString()},
          {"name", model.name.toStdString()},
          {"detail", model.detail.toStdString()}};
}

AskedModel modelFrom(const Json& json) {
  return {.who = json.at("who") == "teacher" ? theme::Who::teacher : theme::Who::student,
          .folder = textAt(json, "checkpoint"),
          .name = textAt(json, "name"),
          .detail = textAt(json, "detail")};
}

Json answerJson(const ModelAnswer& answer) {
  // What has come of an answer is kept as if it had been stopped here.
  if (!answer.given && !answer.piece.isEmpty())
    return answerJson({.given = GivenAnswer{.text = answer.piece, .stopped = true}});
  if (!answer.given) return {{"text", nullptr}, {"why", answer.why.toStdString()}};
  const GivenAnswer& given = *answer.given;
  return {{"text", given.text.toStdString()},
          {"seconds", given.seconds},
          {"first_token_seconds", orNull(given.firstTokenSeconds)},
          {"tokens_per_second", orNull(given.tokensPerSecond)},
          {"cut_at", orNull(given.cutAt)},
          {"can_go_on", given.canGoOn},
          {"stopped", given.stopped},
          {"why", answer.why.toStdString()}};
}

ModelAnswer answerFrom(const Json& json) {
  ModelAnswer answer{.given = {}, .why = textAt(json, "why")};
  if (!json.at("text").is_string()) {
    if (answer.why.isEmpty()) answer.why = AskedThread::tr("It was on its way when the project was closed.");
    return answer;
  }
  answer.given = {.text = textAt(json, "text"),
                  .seconds = json.value("seconds", 0.0),
                  .firstTokenSeconds = keptNumber<double>(json, "first_token_seconds"),
                  .tokensPerSecond = keptNumber<double>(json, "tokens_per_second"),
                  .cutAt = keptNumber<int>(json, "cut_at"),
                  .canGoOn = json.value("can_go_on", false),
                  .stopped = json.value("stopped", false)};
  return answer;
}

Json rowJson(const AskedRow& row) {
  Json models = Json::array(), turns = Json::array(), pictures = Json::array();
  for (const QString& picture : row.pictures) pictures.push_back(picture.toStdString());
  for (const AskedModel& model : row.models) models.push_back(modelJson(model));
  for (const AskedTurn& turn : row.turns) {
    Json answers = Json::array();
    for (const ModelAnswer& answer : turn.answers) answers.push_back(answerJson(answer));
    turns.push_back({{"question", turn.question.toStdString()},
                     {"reference", turn.reference.isEmpty() ? Json() : Json(turn.reference.toStdString())},
                     {"answers", answers}});
  }
  return {{"id", row.id},
          {"time", row.time},
          {"pictures", pictures},
          {"models", models},
          {"settings",
           {{"temperature", row.settings.temperature},
            {"top_p", row.settings.topP},
            {"seed", row.settings.seed},
            {"max_new_tokens", row.settings.mostTokens}}},
          {"project", row.project.toStdString()},
          {"turns", turns}};
}

AskedRow rowFrom(const Json& json) {
  AskedRow row;
  row.id = json.at("id").get<qint64>();
  row.time = json.at("time").get<double>();
  for (const Json& picture : json.at("pictures")) row.pictures << toQString(picture.get<std::string>());
  for (const Json& model : json.at("models")) row.models.push_back(modelFrom(model));
  const Json& settings = json.at("settings");
  row.settings = {settings.at("temperature").get<double>(), settings.at("top_p").get<double>(),
                  settings.at("seed").get<qint64>(), settings.at("max_new_tokens").get<int>()};
  row.project = textAt(json, "project");
  for (const Json& turn : json.at("turns")) {
    AskedTurn& taken = row.turns.emplace_back();
    taken.question = textAt(turn, "question");
    if (turn.at("reference").is_string()) taken.reference = textAt(turn, "reference");
    for (const Json& answer : turn.at("answers")) taken.answers.push_back(answerFrom(answer));
    if (taken.answers.size() != row.models.size()) throw UserError("A turn has not as many answers as models.");
  }
  if (row.turns.empty() || row.models.empty()) throw UserError("An ask has no turn or no model.");
  return row;
}

BlindVote voteFrom(const Json& json) {
  const auto choice = std::ranges::find(choiceNames, std::string_view(json.at("choice").get_ref<const std::string&>()));
  if (choice == choiceNames.end()) throw UserError("A vote has no known choice.");
  return {.row = json.at("ask").get<qint64>(),
          .turn = json.at("turn").get<int>(),
          .first = modelFrom(json.at("first")),
          .second = modelFrom(json.at("second")),
          .choice = BlindVote::Choice(choice - choiceNames.begin())};
}

}  // namespace

Json threadJson(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes) {
  Json asks = Json::array(), given = Json::array();
  for (const AskedRow& row : rows) asks.push_back(rowJson(row));
  for (const BlindVote& vote : votes)
    given.push_back({{"ask", vote.row},
                     {"turn", vote.turn},
                     {"first", modelJson(vote.first)},
                     {"second", modelJson(vote.second)},
                     {"choice", choiceNames[std::size_t(vote.choice)]}});
  return {{"format", threadFormat}, {"version", 1}, {"asks", asks}, {"votes", given}};
}

KeptThread threadFromJson(const Json& json) {
  if (json.at("format") != threadFormat || json.at("version") != 1)
    throw UserError("This is no thread of questions that this version reads.");
  KeptThread kept;
  for (const Json& ask : json.at("asks")) kept.rows.push_back(rowFrom(ask));
  for (const Json& vote : json.at("votes")) {
    const BlindVote taken = voteFrom(vote);
    const auto row = std::ranges::find(kept.rows, taken.row, &AskedRow::id);
    if (row != kept.rows.end() && taken.turn >= 0 && taken.turn < int(row->turns.size())) kept.votes.push_back(taken);
  }
  return kept;
}

}  // namespace llavakd
