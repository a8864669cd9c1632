// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/text/text_model.h"

namespace llavakd {

/// A tokenizer.model of SentencePiece, run by libsentencepiece: normaliser, BPE or Unigram, byte fallback as it says.
class SentencePieceModel : public TextModel {
 public:
  enum class Kind { normal, unknown, control, user_defined, byte, unused };
  struct Piece {
    std::string text;
    Kind kind = Kind::normal;
  };

  /// `bytes` is the file. With `keeps_prefix` false no space is put in front of a text, whatever the file says (what
  /// LlamaTokenizer does unless it is "legacy"). Throws UserError with `where` when the bytes aren't such a model.
  SentencePieceModel(std::string_view bytes, bool keeps_prefix, const std::string& where);
  ~SentencePieceModel() override;

  void encode(std::string_view word, std::vector<int64_t>& ids) const override;
  /// All pieces; the id is the place. Throws UserError for one that isn't UTF-8.
  std::vector<Piece> pieces() const;
  /// Whether a text is given a space in front.
  bool adds_prefix() const;

 private:
  struct Processor;
  std::unique_ptr<const Processor> processor_;
  std::unordered_set<std::string> symbols_;  // the user-defined ones
  std::string where_;
};

}  // namespace llavakd
