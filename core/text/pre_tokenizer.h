// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/split_pattern.h"

namespace llavakd {

/// Cuts a normalised text into the words that BPE works on: the "pre_tokenizer" of tokenizer.json, as far as byte-level
/// tokenizers use it (Sequence of Split, Digits and ByteLevel, the last of them ByteLevel).
class PreTokenizer {
 public:
  /// Throws UserError naming `where` and the type when a step is of another kind or no step is ByteLevel.
  static PreTokenizer from_json(const nlohmann::ordered_json& json, const std::string& where);
  /// The one ByteLevel step of GPT-2; `qwen2` puts the Qwen2 split in front instead of GPT-2's own pattern.
  static PreTokenizer gpt2(bool add_prefix_space);
  static PreTokenizer qwen2();

  /// Words of a valid UTF-8 text: views into it or into `storage`.
  std::vector<std::string_view> words(std::string_view text, std::deque<std::string>& storage) const;

 private:
  struct Step {
    bool prefix_space = false;
    std::vector<SplitPattern> pattern;  // none or one
  };
  void add_step(const nlohmann::ordered_json& json, const std::string& where, int depth);
  void add_byte_level(bool prefix_space, bool use_regex, const std::string& where);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace llavakd
