// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/byte_trie.h"
#include "core/text/tokenizer.h"

namespace llavakd {

/// Finds added tokens in a text, leftmost first and the longest where several begin (tokenizers' added_vocabulary.rs).
class AddedTokenFinder {
 public:
  /// `content` is what to look for: the token's text, or its normalised form.
  void add(const AddedToken& token, std::string_view content);
  bool empty() const { return tokens_.empty(); }

  /// Calls `visit` for each piece of a valid UTF-8 text in order: with a token, or with nullptr for text between
  /// tokens (never empty).
  void split(std::string_view text, const std::function<void(std::string_view, const AddedToken*)>& visit) const;

 private:
  struct Match {
    size_t end = 0;
    const AddedToken* token = nullptr;
  };
  Match longest_at(std::string_view text, size_t position) const;

  ByteTrie trie_;  ///< Places in tokens_ by contents.
  std::vector<AddedToken> tokens_;
  bool first_bytes_[256] = {};
};

}  // namespace llavakd
