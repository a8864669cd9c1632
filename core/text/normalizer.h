// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/split_pattern.h"
#include "core/text/unicode.h"

namespace llavakd {

/// What is done to a text before it is cut into words: the "normalizer" of tokenizer.json (NFC, NFD, NFKC, NFKD,
/// Prepend, Replace, Strip, and Sequences of them).
class Normalizer {
 public:
  /// Null gives one that changes nothing. Throws UserError naming `where` and the type of a step of another kind.
  static Normalizer from_json(const nlohmann::ordered_json& json, const std::string& where);
  void add_form(NormalForm form);
  /// Puts `prefix` in front of every text that isn't empty.
  void add_prepend(std::string prefix);
  void add_replace(std::string what, std::string content);

  /// The normalised form of a valid UTF-8 text.
  std::string apply(std::string_view text) const;

 private:
  enum class Kind { form, prepend, replace, replace_pattern, strip };
  struct Step {
    Kind kind = Kind::form;
    NormalForm form = NormalForm::none;
    std::string what;     // prepend: the prefix
    std::string content;  // what comes in its place
    std::vector<SplitPattern> pattern;
    bool left = false;
    bool right = false;
  };
  void add_step(const nlohmann::ordered_json& json, const std::string& where, int depth);
  static void apply(const Step& step, std::string& text);

  std::vector<Step> steps_;
};

/// Every occurrence of `what` (not empty) replaced, from the left.
std::string replaced_text(std::string_view text, std::string_view what, std::string_view content);

/// Throws UserError when a chain of replacements lets a text grow beyond reason. `what` begins the sentence.
void check_growth(size_t before, size_t after, std::string_view what);

}  // namespace llavakd
