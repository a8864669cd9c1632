// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/split_pattern.h"

namespace llavakd {

/// How tokens become text again: the "decoder" of tokenizer.json (ByteLevel, Replace, ByteFallback, Fuse, Strip,
/// Metaspace, and Sequences of them). Without any step tokens are joined by spaces.
class Decoder {
 public:
  /// Throws UserError naming `where` and the type of a step of another kind.
  static Decoder from_json(const nlohmann::ordered_json& json, const std::string& where);
  static Decoder byte_level();
  /// SentencePiece's: "▁" is a space, "<0x0A>" a byte; `strips_prefix` takes the first space away.
  static Decoder sentencepiece(bool strips_prefix);

  /// Text of tokens as the vocabulary writes them. What isn't UTF-8 is U+FFFD.
  std::string decode(std::vector<std::string> tokens) const;

 private:
  enum class Kind { byte_level, replace, replace_pattern, byte_fallback, fuse, strip, metaspace };
  struct Step {
    Kind kind = Kind::fuse;
    std::string what;  // strip and metaspace: one character
    std::string content;
    std::vector<SplitPattern> pattern;
    size_t start = 0;  // strip: how many at most
    size_t stop = 0;
    bool drops_prefix = false;  // metaspace
  };
  void add_step(const nlohmann::ordered_json& json, const std::string& where, int depth);
  static void apply(const Step& step, std::vector<std::string>& tokens);

  std::vector<Step> steps_;
};

}  // namespace llavakd
