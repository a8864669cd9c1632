// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/unigram.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

/// An unknown character costs this much more than the rarest piece (SentencePiece's kUnkPenalty).
constexpr double unknown_penalty = 10.0;

}  // namespace

UnigramModel::UnigramModel(const std::vector<std::pair<std::string, double>>& pieces, int32_t unk_id,
                           bool byte_fallback, std::string where)
    : unk_id_(unk_id), unk_score_(0), where_(std::move(where)) {
  byte_ids_.fill(-1);
  double lowest = pieces.empty() ? 0 : pieces.front().second;
  for (const auto& [piece, score] : pieces) {
    const auto id = static_cast<int32_t>(scores_.size());
    scores_.push_back(score);
    lowest = std::min(lowest, score);
    ids_.insert_or_assign(piece, id);
    trie_.insert(piece, id);
  }
  unk_score_ = lowest - unknown_penalty;
  for (int byte = 0; byte < 256 && byte_fallback; ++byte) {
    const auto token = ids_.find(fmt::format("<0x{:02X}>", byte));
    if (token != ids_.end()) byte_ids_[static_cast<size_t>(byte)] = token->second;
  }
}

std::vector<UnigramModel::Best> UnigramModel::viterbi(std::string_view word) const {
  std::vector<Best> best(word.size() + 1);
  const auto offer = [&](size_t begin, size_t end, int32_t id, double score) {
    if (best[end].id < 0 || score > best[end].score) best[end] = {score, begin, id};
  };
  for (size_t begin = 0; begin < word.size();) {
    const double here = best[begin].score;
    const size_t character = code_point_at(word, begin).length;
    bool single = false;
    int32_t node = 0;
    for (size_t end = begin; end < word.size();) {
      node = trie_.child(node, word[end]);
      if (node < 0) break;
      ++end;
      const int32_t id = trie_.number(node);
      if (id < 0) continue;
      offer(begin, end, id, here + scores_[static_cast<size_t>(id)]);
      single = single || end - begin == character;
    }
    if (!single) {
      if (unk_id_ < 0) {
        throw UserError(fmt::format("{}: the character '{}' has no piece, and there is no unk_id.", where_,
                                    word.substr(begin, character)));
      }
      offer(begin, begin + character, unk_id_, here + unk_score_);
    }
    begin += character;
  }
  return best;
}

void UnigramModel::append_unknown(std::string_view text, std::vector<int32_t>& ids) const {
  const bool bytes =
      std::all_of(text.begin(), text.end(), [&](char c) { return byte_ids_[static_cast<uint8_t>(c)] >= 0; });
  if (!bytes) return ids.push_back(unk_id_);
  for (const char c : text) ids.push_back(byte_ids_[static_cast<uint8_t>(c)]);
}

std::vector<int32_t> UnigramModel::pieces_of(std::string_view word) const {
  const std::vector<Best> best = viterbi(word);
  struct Piece {
    size_t begin = 0;
    size_t end = 0;
    bool unknown = false;
  };
  std::vector<Piece> pieces;  // from the last to the first
  for (size_t end = word.size(); end > 0; end = pieces.back().begin) {
    const bool unknown = best[end].id == unk_id_;
    pieces.push_back({best[end].begin, end, unknown});
  }
  std::reverse(pieces.begin(), pieces.end());
  std::vector<int32_t> ids;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const size_t begin = pieces[i].begin;
    while (pieces[i].unknown && i + 1 < pieces.size() && pieces[i + 1].unknown) ++i;  // a run is one unk
    const std::string_view text = word.substr(begin, pieces[i].end - begin);
    // By text, as the original does: of two equal pieces the later one counts.
    const auto known = ids_.find(text);
    if (known != ids_.end()) {
      ids.push_back(known->second);
    } else {
      append_unknown(text, ids);
    }
  }
  return ids;
}

void UnigramModel::encode(std::string_view word, std::vector<int64_t>& ids) const {
  if (cache_.append(word, ids)) return;
  const std::vector<int32_t> pieces = pieces_of(word);
  ids.insert(ids.end(), pieces.begin(), pieces.end());
  cache_.insert(word, pieces);
}

}  // namespace llavakd
