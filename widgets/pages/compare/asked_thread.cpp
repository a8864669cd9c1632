// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/asked_thread.h"

#include <QDateTime>
#include <algorithm>
#include <iterator>

#include "widgets/document/conversions.h"
#include "widgets/run/serve_client.h"

namespace llavakd {
namespace {

// With each wish for more, and what the engine allows.
constexpr int moreTokens = 4, mostAnswerTokens = 4096;

std::optional<double> numberOf(const nlohmann::json& result, const char* key) {
  const auto found = result.find(key);
  return found != result.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

// Nothing: a reply without a text.
std::optional<GivenAnswer> answerOf(const nlohmann::json& result, int mostTokens) {
  if (!result.is_object()) return std::nullopt;
  const auto text = result.find("text"), cut = result.find("cut"), ids = result.find("ids");
  if (text == result.end() || !text->is_string()) return std::nullopt;
  GivenAnswer given;
  given.text = toQString(text->get<std::string>());
  given.seconds = numberOf(result, "seconds").value_or(0);
  given.firstTokenSeconds = numberOf(result, "first_token_seconds");
  given.tokensPerSecond = numberOf(result, "tokens_per_second");
  given.stopped = result.value("ended", nlohmann::json()) == "stopped";
  if (cut == result.end() || !cut->is_boolean() || !cut->get<bool>()) return given;
  given.cutAt = ids != result.end() && ids->is_array() ? int(ids->size()) : mostTokens;
  // With fewer tokens it was the model that had no position left.
  given.canGoOn = *given.cutAt >= mostTokens && mostTokens < mostAnswerTokens;
  return given;
}

// What the model is asked in that turn; its own earlier answers are a part of it.
nlohmann::json parametersOf(const AskedRow& row, int turn, int model, int mostTokens) {
  const AskedModel& asked = row.models[std::size_t(model)];
  nlohmann::json parameters{{"model", asked.who == theme::Who::teacher ? "teacher" : "student"},
                            {"question", row.turns[std::size_t(turn)].question.toStdString()},
                            {"max_new_tokens", mostTokens},
                            {"stream", true}};
  if (!asked.folder.isEmpty()) parameters["checkpoint"] = asked.folder.toStdString();
  if (!row.pictures.isEmpty()) parameters["image"] = row.pictures.first().toStdString();
  for (qsizetype i = 1; i < row.pictures.size(); ++i)
    parameters["more_images"].push_back(row.pictures[i].toStdString());
  for (int i = 0; i < turn; ++i) {
    const AskedTurn& earlier = row.turns[std::size_t(i)];
    parameters["earlier"].push_back({{"question", earlier.question.toStdString()},
                                     {"answer", earlier.answers[std::size_t(model)].given->text.toStdString()}});
  }
  if (row.settings.isGreedy()) return parameters;
  parameters["temperature"] = row.settings.temperature;
  parameters["top_p"] = row.settings.topP;
  parameters["seed"] = row.settings.seed;
  return parameters;
}

}  // namespace

bool AskedRow::isWaiting() const {
  return std::ranges::any_of(
      turns, [](const AskedTurn& turn) { return std::ranges::any_of(turn.answers, &ModelAnswer::isWaiting); });
}

AskedThread::AskedThread(ServeClient* serve, QObject* parent) : QObject(parent), m_serve(serve) {}

AskedRow* AskedThread::find(qint64 id) {
  const auto found = std::ranges::find(m_rows, id, &AskedRow::id);
  return found == m_rows.end() ? nullptr : &*found;
}

const AskedRow* AskedThread::row(qint64 id) const {
  return const_cast<AskedThread*>(this)->find(id);
}

bool AskedThread::isBusy() const {
  return std::ranges::any_of(m_rows, &AskedRow::isWaiting);
}

qint64 AskedThread::ask(AskedRow row) {
  // No other row has it, nor one of those that were kept and are still being read.
  const qint64 id = row.id = m_lastRow = std::max(m_lastRow + 1, QDateTime::currentMSecsSinceEpoch());
  row.turns.front().answers.resize(row.models.size());
  m_rows.push_front(std::move(row));
  for (int model = 0; model < int(m_rows.front().models.size()); ++model)
    call(id, 0, model, m_rows.front().settings.mostTokens);
  Q_EMIT rowsChanged();
  Q_EMIT busyChanged();
  Q_EMIT changed();
  return id;
}

void AskedThread::askOn(qint64 id, const QString& question, const QString& reference) {
  AskedRow* row = find(id);
  if (!row || row->isWaiting() || !row->past.isEmpty()) return;
  const auto& before = row->turns.back().answers;
  std::vector<ModelAnswer> answers(row->models.size());
  for (std::size_t model = 0; model < answers.size(); ++model)
    if (!before[model].given) answers[model].why = tr("Without an answer before, this one can't go on.");
  row->turns.push_back({question, reference, answers});
  const int turn = int(row->turns.size()) - 1;
  for (int model = 0; model < int(answers.size()); ++model)
    if (answers[std::size_t(model)].why.isEmpty()) call(id, turn, model, row->settings.mostTokens);
  tell(id);
  Q_EMIT busyChanged();
}

void AskedThread::askForMore(qint64 id, int model) {
  const AskedRow* row = find(id);
  if (!row || row->isWaiting() || !row->past.isEmpty()) return;
  const auto& given = row->turns.back().answers[std::size_t(model)].given;
  if (!given || !given->canGoOn) return;
  call(id, int(row->turns.size()) - 1, model, std::min(mostAnswerTokens, *given->cutAt * moreTokens));
  tell(id);
  Q_EMIT busyChanged();
}

void AskedThread::call(qint64 id, int turn, int model, int mostTokens) {
  AskedRow* row = find(id);
  ModelAnswer& answer = row->turns[std::size_t(turn)].answers[std::size_t(model)];
  answer.why.clear();
  answer.piece.clear();
  answer.tokens = 0;
  answer.call = m_serve->call(
      QStringLiteral("answer"), parametersOf(*row, turn, model, mostTokens), this,
      m_project.newest().only([this, id, turn, model, mostTokens](const nlohmann::json& result, const QString& error) {
        take(id, turn, model, mostTokens, result, error);
      }),
      m_project.newest().only(
          [this, id, turn, model](const QString& piece, int tokens) { takePiece(id, turn, model, piece, tokens); }));
}

void AskedThread::takePiece(qint64 id, int turn, int model, const QString& piece, int tokens) {
  AskedRow* row = find(id);
  if (!row) return;  // taken out
  ModelAnswer& answer = row->turns[std::size_t(turn)].answers[std::size_t(model)];
  if (!answer.isWaiting()) return;
  answer.piece = tokens == 0 ? QString() : answer.piece + piece;
  answer.tokens = tokens;
  Q_EMIT rowChanged(id);
}

void AskedThread::take(qint64 id, int turn, int model, int mostTokens, const nlohmann::json& result,
                       const QString& error) {
  AskedRow* row = find(id);
  if (!row) return;  // taken out
  ModelAnswer& answer = row->turns[std::size_t(turn)].answers[std::size_t(model)];
  if (!answer.isWaiting()) return;
  answer.call = 0;
  const auto given = error.isEmpty() ? answerOf(result, mostTokens) : std::nullopt;
  if (given && !(given->stopped && answer.given))  // a cut answer stays where its longer one was stopped
    answer.given = given;
  if (!given && !answer.given && !answer.piece.isEmpty()) answer.given = {.text = answer.piece, .stopped = true};
  if (!given)
    answer.why = !error.isEmpty()
                     ? error
                     : tr("The engine's reply holds no answer; studio and engine may be of different versions.");
  answer.piece.clear();
  tell(id);
  Q_EMIT busyChanged();
}

void AskedThread::tell(qint64 id) {
  Q_EMIT rowChanged(id);
  Q_EMIT changed();
}

void AskedThread::stop(qint64 id) {
  const AskedRow* row = find(id);
  if (!row) return;
  // From the last: what waits fails at once, and must not come to its turn meanwhile.
  std::vector<qint64> calls;
  for (const AskedTurn& turn : row->turns)
    for (const ModelAnswer& answer : turn.answers)
      if (answer.isWaiting()) calls.push_back(answer.call);
  std::ranges::sort(calls, std::greater());
  for (const qint64 each : calls) m_serve->cancel(each);
}

void AskedThread::stopAll() {
  std::vector<qint64> waiting;
  for (const AskedRow& row : m_rows)
    if (row.isWaiting()) waiting.push_back(row.id);
  for (const qint64 id : waiting) stop(id);
}

void AskedThread::remove(qint64 id) {
  const auto found = std::ranges::find(m_rows, id, &AskedRow::id);
  if (found == m_rows.end()) return;
  stop(id);
  m_removed.emplace(std::size_t(found - m_rows.begin()), *found);
  for (AskedTurn& turn : m_removed->second.turns)
    for (ModelAnswer& answer : turn.answers)
      if (answer.call = 0; !answer.given && answer.why.isEmpty()) answer.why = tr("Stopped");
  m_removedVotes.clear();
  const auto ofRow = [id](const BlindVote& vote) {
    return vote.row == id;
  };
  std::ranges::copy_if(m_votes, std::back_inserter(m_removedVotes), ofRow);
  std::erase_if(m_votes, ofRow);
  m_rows.erase(found);
  Q_EMIT rowsChanged();
  Q_EMIT busyChanged();
  Q_EMIT changed();
}

void AskedThread::undoRemove() {
  if (!m_removed) return;
  const std::size_t place = std::min(m_removed->first, m_rows.size());
  m_rows.insert(m_rows.begin() + std::ptrdiff_t(place), std::move(m_removed->second));
  m_votes.insert(m_votes.end(), m_removedVotes.begin(), m_removedVotes.end());
  m_removed.reset();
  m_removedVotes.clear();
  Q_EMIT rowsChanged();
  Q_EMIT changed();
}

void AskedThread::addVote(const BlindVote& vote) {
  m_votes.push_back(vote);
  Q_EMIT changed();
}

void AskedThread::addOlder(std::deque<AskedRow> rows, std::vector<BlindVote> votes) {
  m_rows.insert(m_rows.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  m_votes.insert(m_votes.begin(), votes.begin(), votes.end());
  Q_EMIT rowsChanged();
}

void AskedThread::replace(std::deque<AskedRow> rows, std::vector<BlindVote> votes) {
  stopAll();
  m_project.cancel();
  m_rows = std::move(rows);
  m_votes = std::move(votes);
  m_removed.reset();
  m_removedVotes.clear();
  Q_EMIT rowsChanged();
  Q_EMIT busyChanged();
}

void AskedThread::setPast(const std::function<QString(const AskedRow&)>& why) {
  for (AskedRow& row : m_rows) {
    const QString reason = why(row);
    if (reason == row.past) continue;
    row.past = reason;
    if (!reason.isEmpty()) stop(row.id);
    Q_EMIT rowChanged(row.id);
  }
}

}  // namespace llavakd
