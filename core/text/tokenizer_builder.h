// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/text/bpe.h"
#include "core/text/merges.h"
#include "core/text/tokenizer_data.h"

namespace llavakd {

/// A tokenizer in the making: the steps that all sources share, in the order in which they are called.
class TokenizerBuilder {
 public:
  TokenizerBuilder() : data_(std::make_shared<TokenizerData>()) {}

  TokenizerData& data() { return *data_; }

  /// A token of the vocabulary. Throws UserError naming `where` when the id is taken.
  void add_token(const std::string& text, int32_t id, const std::string& where);
  /// `vocab` of tokenizer.json, or vocab.json.
  void add_vocabulary(const nlohmann::ordered_json& vocab, const std::string& where);

  /// A model without merges over the vocabulary: byte-level, or of characters with "<0x0A>" tokens if `byte_fallback`.
  std::unique_ptr<BpeModel> byte_level_bpe(bool ignore_merges) const;
  std::unique_ptr<BpeModel> character_bpe(bool byte_fallback, bool ignore_merges) const;
  /// Merges by their place in the list. Throws UserError naming `where` and the place for unknown tokens.
  void set_merges(BpeModel& model, const std::vector<TokenPair>& merges, const std::string& where) const;

  /// An added token; the same text again is the same token: the first id stays. After the normalizer is known. Throws
  /// UserError naming `where` for one that is too long.
  void add(AddedToken token, const std::string& where);
  /// A special token by its text, or nothing where the vocabulary lacks it.
  std::optional<SpecialToken> special_token(const std::string& text) const;

  /// Sorts the added tokens and hands the tokenizer over.
  std::shared_ptr<const TokenizerData> finish();

 private:
  std::shared_ptr<TokenizerData> data_;
  std::unordered_set<std::string> added_contents_;
};

/// Two parts into which a token may be cut, and their joint.
struct Cut {
  int32_t left = 0;
  int32_t right = 0;
  int32_t joined = 0;
};

/// All cuts of a token into two tokens of `ids`; between characters only unless `bytes`. Throws UserError naming
/// `where` for a token that is too long to try.
std::vector<Cut> cuts_of(std::string_view token, int32_t id, const TextMap<int32_t>& ids, bool bytes,
                         const std::string& where);

}  // namespace llavakd
