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

/// Cuts a normalised text into the words that a model works on: the "pre_tokenizer" of tokenizer.json (Split, Digits,
/// Whitespace, WhitespaceSplit, Metaspace, ByteLevel, and Sequences of them, ByteLevel last).
class PreTokenizer {
 public:
  /// When Metaspace puts its character in front of a text.
  enum class Prepend { always, first, never };

  /// Null gives one that leaves a text whole. Throws UserError naming `where` and the type of a step of another kind.
  static PreTokenizer from_json(const nlohmann::ordered_json& json, const std::string& where);
  /// The pre-tokenizer that GGUF and model families know by name ("gpt-2", "qwen2", "llama-bpe", "smollm" …): ByteLevel
  /// behind a pattern of its own. The names are those that convert_hf_to_gguf_update.py of llama.cpp gives. Throws
  /// UserError with `where` and the known names.
  static PreTokenizer named(std::string_view name, const std::string& where);
  /// The one ByteLevel step of GPT-2.
  static PreTokenizer gpt2(bool add_prefix_space);

  /// Whether words are to be read as bytes.
  bool byte_level() const { return byte_level_; }

  /// Words of a valid UTF-8 text: views into it or into `storage`. `first` says that the text begins where the whole
  /// input does.
  std::vector<std::string_view> words(std::string_view text, bool first, std::deque<std::string>& storage) const;

 private:
  struct Step {
    bool prefix_space = false;
    std::string metaspace;  // replaces spaces; empty: no such step
    Prepend prepend = Prepend::never;
    std::vector<SplitPattern> pattern;  // none or one
  };
  void add_step(const nlohmann::ordered_json& json, const std::string& where, int depth);
  void add_pattern(SplitPattern pattern);
  void add_metaspace(const nlohmann::ordered_json& json, const std::string& where);
  void add_byte_level(bool prefix_space, bool use_regex, const std::string& where);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace llavakd
