// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/thread_export.h"

#include <fmt/format.h>

#include <QDateTime>
#include <QFileInfo>
#include <QRegularExpression>
#include <nlohmann/json.hpp>
#include <utility>

#include "widgets/pages/compare/answer_card.h"
#include "widgets/pages/compare/blind_pairs.h"
#include "widgets/pages/compare/thread_json.h"

namespace llavakd {
namespace {

std::string timeText(double time) {
  return QDateTime::fromMSecsSinceEpoch(qint64(time * 1000)).toString(Qt::ISODate).toStdString();
}

// So that an answer can't become a heading, a link or a table.
std::string markdownText(const QString& text) {
  QString safe;
  for (const QChar c : text) {
    if (QStringLiteral("\\`*_{}[]<>#|~").contains(c)) safe += u'\\';
    safe += c;
  }
  return safe.replace(u'\n', QStringLiteral("\n> ")).toStdString();
}

std::string settingsLine(const AskSettings& settings) {
  if (settings.isGreedy()) return fmt::format("greedy, at most {} tokens", settings.mostTokens);
  return fmt::format("temperature {}, top-p {}, seed {}, at most {} tokens", settings.temperature, settings.topP,
                     settings.seed, settings.mostTokens);
}

std::string figuresLine(const GivenAnswer& given) {
  std::string line;
  if (given.firstTokenSeconds) line += fmt::format(" · first token after {:.3g} s", *given.firstTokenSeconds);
  if (given.tokensPerSecond) line += fmt::format(" · {:.3g} tokens/s", *given.tokensPerSecond);
  if (given.cutAt) line += fmt::format(" · cut at {} tokens", *given.cutAt);
  if (given.stopped) line += " · stopped";
  return line;
}

std::string markdownTurn(const AskedRow& row, const AskedTurn& turn) {
  std::string text = fmt::format("> {}\n\n", markdownText(turn.question));
  if (!turn.reference.isEmpty()) text += fmt::format("Right answer: {}\n\n", markdownText(turn.reference));
  for (std::size_t i = 0; i < row.models.size(); ++i) {
    const ModelAnswer& answer = turn.answers[i];
    text += fmt::format("**{}**", markdownText(row.models[i].name));
    if (!answer.given) {
      text += fmt::format(": no answer. {}\n\n", markdownText(answer.why));
      continue;
    }
    if (!turn.reference.isEmpty()) text += isRightAnswer(answer.given->text, turn.reference) ? " · right" : " · wrong";
    text += fmt::format("{}\n\n> {}\n\n", figuresLine(*answer.given), markdownText(answer.given->text));
  }
  return text;
}

std::string markdownOf(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes) {
  std::string text = "# Questions and answers\n\n";
  for (const AskedRow& row : rows) {
    text += fmt::format("## {}\n\n", timeText(row.time));
    for (const QString& picture : row.pictures)
      text += fmt::format("- {}\n", markdownText(QFileInfo(picture).fileName()));
    text += fmt::format("- {}\n\n", settingsLine(row.settings));
    for (const AskedTurn& turn : row.turns) text += markdownTurn(row, turn);
  }
  bool any = false;
  for (const ModelPair& pair : modelPairs(rows, votes)) {
    if (pair.judged == 0) continue;
    if (!std::exchange(any, true)) text += "## Blind votes\n\n";
    const VoteTally tally = tallyOf(votes, pair);
    text += fmt::format(
        "- {} better {}, {} better {}, equally good {}, still to be judged {}; two-sided sign test p = {:.2g}\n",
        markdownText(pair.first.name), tally.first, markdownText(pair.second.name), tally.second, tally.ties, pair.open,
        tally.p);
  }
  return text;
}

// RFC 4180.
std::string threadCsvField(const QString& text) {
  QString field = text;
  if (!field.contains(QRegularExpression(QStringLiteral("[\",\r\n]")))) return field.toStdString();
  return QStringLiteral("\"%1\"").arg(field.replace(u'"', QStringLiteral("\"\""))).toStdString();
}

template <class Number>
std::string csvNumber(const std::optional<Number>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

// Blind votes for and against an answer, and those that saw no difference.
std::string csvVotes(const std::vector<BlindVote>& votes, const AskedRow& row, int turn, const AskedModel& model) {
  int won = 0, lost = 0, tied = 0;
  for (const BlindVote& vote : votes) {
    const bool first = vote.first.isSameAs(model);
    if (vote.row != row.id || vote.turn != turn || (!first && !vote.second.isSameAs(model))) continue;
    if (vote.choice == BlindVote::Choice::tie)
      ++tied;
    else
      ++((vote.choice == BlindVote::Choice::first) == first ? won : lost);
  }
  return fmt::format("{},{},{}", won, lost, tied);
}

std::string csvLine(const AskedRow& row, int turn, std::size_t model, const std::vector<BlindVote>& votes) {
  const AskedTurn& asked = row.turns[std::size_t(turn)];
  const AskedModel& who = row.models[model];
  const ModelAnswer& answer = asked.answers[model];
  const GivenAnswer given = answer.given.value_or(GivenAnswer());
  const std::string right = asked.reference.isEmpty() || !answer.given   ? ""
                            : isRightAnswer(given.text, asked.reference) ? "right"
                                                                         : "wrong";
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.id, turn + 1,
                     timeText(row.time), threadCsvField(row.pictures.join(u'\n')), threadCsvField(asked.question),
                     threadCsvField(asked.reference), threadCsvField(who.name), threadCsvField(who.folder),
                     threadCsvField(given.text), right, threadCsvField(answer.why), given.seconds,
                     csvNumber(given.firstTokenSeconds), csvNumber(given.tokensPerSecond), csvNumber(given.cutAt),
                     given.stopped ? 1 : 0, row.settings.temperature, row.settings.topP, row.settings.seed,
                     row.settings.mostTokens, csvVotes(votes, row, turn, who));
}

std::string csvOf(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes) {
  std::string text =
      "ask,turn,time,pictures,question,right_answer,model,checkpoint,answer,mark,why,seconds,first_token_seconds,"
      "tokens_per_second,cut_at,stopped,temperature,top_p,seed,max_new_tokens,votes_for,votes_against,votes_tied\n";
  for (const AskedRow& row : rows)
    for (int turn = 0; turn < int(row.turns.size()); ++turn)
      for (std::size_t model = 0; model < row.models.size(); ++model) text += csvLine(row, turn, model, votes);
  return text;
}

}  // namespace

ThreadFormat threadFormatOf(const QString& file) {
  const QString ending = QFileInfo(file).suffix().toLower();
  if (ending == QStringLiteral("json")) return ThreadFormat::json;
  return ending == QStringLiteral("csv") ? ThreadFormat::csv : ThreadFormat::markdown;
}

std::string threadText(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes, ThreadFormat format) {
  if (format == ThreadFormat::markdown) return markdownOf(rows, votes);
  if (format == ThreadFormat::csv) return csvOf(rows, votes);
  return threadJson(rows, votes).dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace llavakd
