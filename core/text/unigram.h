// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text/byte_trie.h"
#include "core/text/text_model.h"
#include "core/text/word_cache.h"

namespace llavakd {

/// The unigram language model of SentencePiece (Kudo 2018, arXiv 1804.10959) as tokenizers' models/unigram runs it: of
/// all ways to cut a word into pieces the one with the greatest sum of log probabilities.
class UnigramModel : public TextModel {
 public:
  /// `pieces`: text and log probability; the id is the place. `unk_id` -1: none, a word that needs it is a UserError
  /// with `where`. With `byte_fallback` unknown text becomes its "<0x0A>" pieces where all of them are there.
  UnigramModel(const std::vector<std::pair<std::string, double>>& pieces, int32_t unk_id, bool byte_fallback,
               std::string where);
  void encode(std::string_view word, std::vector<int64_t>& ids) const override;

 private:
  /// Where the best way to this position comes from.
  struct Best {
    double score = 0;
    size_t begin = 0;
    int32_t id = -1;  // -1: nothing leads here yet
  };
  std::vector<Best> viterbi(std::string_view word) const;
  std::vector<int32_t> pieces_of(std::string_view word) const;
  void append_unknown(std::string_view text, std::vector<int32_t>& ids) const;

  ByteTrie trie_;
  std::vector<double> scores_;
  TextMap<int32_t> ids_;
  std::array<int32_t, 256> byte_ids_;
  int32_t unk_id_;
  double unk_score_;
  std::string where_;
  WordCache cache_;
};

}  // namespace llavakd
