// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/blind_pairs.h"

#include <QCoreApplication>
#include <algorithm>
#include <optional>

#include "core/run/proportions.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

struct BlindTexts {
  Q_DECLARE_TR_FUNCTIONS(llavakd::BlindPairs)
};

using Choice = BlindVote::Choice;

bool isOf(const BlindVote& vote, const ModelPair& pair) {
  return vote.first.isSameAs(pair.first) && vote.second.isSameAs(pair.second);
}

bool isJudged(const std::vector<BlindVote>& votes, const ModelPair& pair, qint64 row, int turn) {
  return std::ranges::any_of(
      votes, [&](const BlindVote& vote) { return vote.row == row && vote.turn == turn && isOf(vote, pair); });
}

// The answer of a model, as far as it is whole; nothing where it wasn't asked, was stopped or is on its way.
std::optional<QString> answerOfModel(const AskedRow& row, int turn, const AskedModel& model) {
  for (std::size_t i = 0; i < row.models.size(); ++i) {
    if (!row.models[i].isSameAs(model)) continue;
    const ModelAnswer& answer = row.turns[std::size_t(turn)].answers[i];
    if (!answer.given || answer.isWaiting() || answer.given->stopped) return std::nullopt;
    return answer.given->text;
  }
  return std::nullopt;
}

// One order for the two, whoever of them was asked first: votes of all rows count together.
ModelPair orderedPair(const AskedModel& a, const AskedModel& b) {
  const bool swap = a.who == b.who ? b.folder < a.folder : b.who == theme::Who::teacher;
  return swap ? ModelPair{.first = b, .second = a} : ModelPair{.first = a, .second = b};
}

// Calls `visit` with each question that both have answered.
template <class Visit>
void eachAnswered(const std::deque<AskedRow>& rows, const ModelPair& pair, const Visit& visit) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    for (int turn = 0; turn < int(row->turns.size()); ++turn) {
      const auto first = answerOfModel(*row, turn, pair.first), second = answerOfModel(*row, turn, pair.second);
      if (first && second) visit(*row, turn, *first, *second);
    }
}

}  // namespace

std::vector<ModelPair> modelPairs(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes) {
  std::vector<ModelPair> pairs;
  const auto known = [&](const ModelPair& pair) {
    return std::ranges::any_of(pairs, [&](const ModelPair& other) { return other.isSameAs(pair); });
  };
  for (const AskedRow& row : rows)
    for (std::size_t i = 0; i < row.models.size(); ++i)
      for (std::size_t j = i + 1; j < row.models.size(); ++j)
        if (const ModelPair pair = orderedPair(row.models[i], row.models[j]); !known(pair)) pairs.push_back(pair);
  for (ModelPair& pair : pairs)
    eachAnswered(rows, pair, [&](const AskedRow& row, int turn, const QString& first, const QString& second) {
      if (isJudged(votes, pair, row.id, turn))
        ++pair.judged;
      else if (first.trimmed() == second.trimmed())
        ++pair.sameText;
      else
        ++pair.open;
    });
  std::erase_if(pairs, [](const ModelPair& pair) { return pair.open + pair.judged + pair.sameText == 0; });
  return pairs;
}

std::vector<BlindQuestion> openQuestions(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes,
                                         const ModelPair& pair) {
  std::vector<BlindQuestion> open;
  eachAnswered(rows, pair, [&](const AskedRow& row, int turn, const QString& first, const QString& second) {
    if (isJudged(votes, pair, row.id, turn) || first.trimmed() == second.trimmed()) return;
    open.push_back({row.id, turn, row.pictures, row.turns[std::size_t(turn)].question, first, second});
  });
  return open;
}

VoteTally tallyOf(const std::vector<BlindVote>& votes, const ModelPair& pair) {
  VoteTally tally;
  for (const BlindVote& vote : votes) {
    if (!isOf(vote, pair)) continue;
    if (vote.choice == Choice::first) ++tally.first;
    if (vote.choice == Choice::second) ++tally.second;
    if (vote.choice == Choice::tie) ++tally.ties;
  }
  tally.p = exact_sign_test(tally.first, tally.second);
  return tally;
}

QString tallyText(const ModelPair& pair, const VoteTally& tally) {
  const QString counts = BlindTexts::tr("%1 better: %2 · %3 better: %4 · equally good: %5")
                             .arg(pair.first.name, theme::wholeNumber(tally.first), pair.second.name,
                                  theme::wholeNumber(tally.second), theme::wholeNumber(tally.ties));
  if (tally.first + tally.second == 0) return counts;
  return counts + QLatin1Char('\n') +
         BlindTexts::tr(
             "Were both equally good, a split at least as uneven would come with p = %1 (two-sided sign test, "
             "ties left out).")
             .arg(theme::roundedNumber(tally.p, 2));
}

}  // namespace llavakd
