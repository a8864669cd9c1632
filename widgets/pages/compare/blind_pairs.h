// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <deque>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"

namespace llavakd {

/// Two models that have answered the same questions; the teacher first.
struct ModelPair {
  AskedModel first = {}, second = {};
  int open = 0;      ///< Questions that nobody has judged yet.
  int judged = 0;    ///< Those that somebody has.
  int sameText = 0;  ///< Those that both answered with the same words: there is nothing to choose.

  bool isSameAs(const ModelPair& other) const { return first.isSameAs(other.first) && second.isSameAs(other.second); }
};

/// Every pair of the thread, in the order in which they came up, the newest first.
std::vector<ModelPair> modelPairs(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes);

/// One question that is to be judged: the answers of the pair's two models.
struct BlindQuestion {
  qint64 row = 0;
  int turn = 0;
  QStringList pictures = {};
  QString question = {}, first = {}, second = {};
};

/// What of the pair nobody has judged, oldest first.
std::vector<BlindQuestion> openQuestions(const std::deque<AskedRow>& rows, const std::vector<BlindVote>& votes,
                                         const ModelPair& pair);

/// How a pair was judged. `p`: two-sided sign test without the ties (core/run/proportions.h).
struct VoteTally {
  int first = 0, second = 0, ties = 0;
  double p = 1;
};
VoteTally tallyOf(const std::vector<BlindVote>& votes, const ModelPair& pair);

/// The tally in sentences.
QString tallyText(const ModelPair& pair, const VoteTally& tally);

}  // namespace llavakd
