// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <deque>
#include <filesystem>
#include <memory>
#include <unordered_map>

#include "core/text/added_token_finder.h"
#include "core/text/decoder.h"
#include "core/text/normalizer.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/text_model.h"
#include "core/text/tokenizer.h"
#include "core/text/word_cache.h"

namespace llavakd {

/// Everything a loaded tokenizer consists of; not changed after loading, save for the word cache inside `model`.
struct TokenizerData {
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  std::unique_ptr<const TextModel> model;
  Decoder decoder;
  TextMap<int64_t> ids;                             ///< Token as written → id; added tokens included.
  std::unordered_map<int64_t, std::string> tokens;  ///< Id → token as written.
  std::vector<AddedToken> added;                    ///< In the order of their ids.
  std::unordered_map<int64_t, bool> special;        ///< Ids of added tokens → special or not.
  AddedTokenFinder raw_finder;                      ///< Tokens looked for in the raw text.
  AddedTokenFinder normalized_finder;               ///< Tokens looked for after normalising.
  std::optional<SpecialToken> bos, eos, pad, unk;
  bool adds_bos = false;
  bool legacy = true;
  int64_t max_id = -1;
};

/// Reads a tokenizer folder; see Tokenizer::load.
std::shared_ptr<const TokenizerData> load_tokenizer_data(const std::filesystem::path& folder);

/// Puts a tokenizer together; see Tokenizer::from_parts.
std::shared_ptr<const TokenizerData> tokenizer_data_of(const TokenizerParts& parts);

}  // namespace llavakd
