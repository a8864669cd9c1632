// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/asked_questions.h"

#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/run/serve_client.h"

namespace llavakd {
namespace {

// At first, with each wish for more, and what the engine allows.
constexpr int firstTokens = 128, moreTokens = 4, mostAnswerTokens = 4096;

std::optional<double> numberOf(const nlohmann::json& result, const char* key) {
  const auto found = result.find(key);
  return found != result.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

// Nothing: a reply without a text.
std::optional<GivenAnswer> answerOf(const nlohmann::json& result, int mostTokens) {
  const auto text = result.find("text"), cut = result.find("cut"), ids = result.find("ids");
  if (text == result.end() || !text->is_string()) return std::nullopt;
  GivenAnswer given;
  given.text = toQString(text->get<std::string>());
  given.seconds = numberOf(result, "seconds").value_or(0);
  given.firstTokenSeconds = numberOf(result, "first_token_seconds");
  given.tokensPerSecond = numberOf(result, "tokens_per_second");
  if (cut == result.end() || !cut->is_boolean() || !cut->get<bool>()) return given;
  given.cutAt = ids != result.end() && ids->is_array() ? int(ids->size()) : mostTokens;
  // With fewer tokens it was the model that had no position left.
  given.canGoOn = *given.cutAt >= mostTokens && mostTokens < mostAnswerTokens;
  return given;
}

}  // namespace

AskedQuestions::AskedQuestions(ServeClient* serve, QObject* parent) : QObject(parent), m_serve(serve) {}

std::string AskedQuestions::question(theme::Who who, const QString& checkpoint, const QString& image,
                                     const QString& text) {
  nlohmann::json parameters{{"model", who == theme::Who::teacher ? "teacher" : "student"},
                            {"question", text.trimmed().toStdString()}};
  if (!image.isEmpty()) parameters["image"] = image.toStdString();
  if (who == theme::Who::student && !checkpoint.isEmpty()) parameters["checkpoint"] = checkpoint.toStdString();
  return parameters.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AskedQuestions::ask(const std::string& question) {
  m_answers.erase(question);
  call(question, firstTokens);
}

void AskedQuestions::askForMore(const std::string& question) {
  const GivenAnswer* known = answer(question);
  if (known && known->canGoOn) call(question, std::min(mostAnswerTokens, *known->cutAt * moreTokens));
}

void AskedQuestions::call(const std::string& question, int mostTokens) {
  m_refused.erase(question);
  m_waiting[question] = mostTokens;
  auto parameters = nlohmann::json::parse(question);
  parameters["max_new_tokens"] = mostTokens;
  m_serve->call(QStringLiteral("answer"), parameters, this,
                // Not of a question that was cancelled, or of another project.
                m_asked.newest().only([this, question, mostTokens](const nlohmann::json& result, const QString& error) {
                  take(question, mostTokens, result, error);
                }));
}

void AskedQuestions::take(const std::string& question, int mostTokens, const nlohmann::json& result,
                          const QString& error) {
  m_waiting.erase(question);
  if (!error.isEmpty())
    m_refused[question] = error;
  else if (auto given = answerOf(result, mostTokens))
    m_answers[question] = std::move(*given);
  else
    m_refused[question] = tr("The engine's reply holds no answer; studio and engine may be of different versions.");
  Q_EMIT changed();
}

void AskedQuestions::refuse(const std::string& question, const QString& why) {
  m_answers.erase(question);
  m_refused[question] = why;
  Q_EMIT changed();
}

const GivenAnswer* AskedQuestions::answer(const std::string& question) const {
  const auto found = m_answers.find(question);
  return found == m_answers.end() ? nullptr : &found->second;
}

QString AskedQuestions::whyNone(const std::string& question) const {
  const auto found = m_refused.find(question);
  return found == m_refused.end() ? QString() : found->second;
}

void AskedQuestions::cancel() {
  if (!isBusy()) return;
  m_asked.cancel();
  m_serve->stop();  // also ends the loading of a model, which nothing inside the engine interrupts
  for (const auto& [question, mostTokens] : m_waiting) m_refused[question] = tr("Cancelled");
  m_waiting.clear();
  Q_EMIT changed();
}

void AskedQuestions::forget() {
  cancel();
  m_serve->stop();
  m_answers.clear();
  m_refused.clear();
  Q_EMIT changed();
}

}  // namespace llavakd
