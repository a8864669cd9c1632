// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace llavakd {

/// SentencePiece's character for a space in tokens.
inline constexpr std::string_view metaspace_character = "\u2581";

/// What turns a word of the pre-tokenizer into ids: the "model" of tokenizer.json. One class for each algorithm.
class TextModel {
 public:
  virtual ~TextModel() = default;
  /// Appends the ids of a valid UTF-8 word. May be called from several threads.
  virtual void encode(std::string_view word, std::vector<int64_t>& ids) const = 0;
};

}  // namespace llavakd
