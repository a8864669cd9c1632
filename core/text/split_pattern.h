// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// A regular expression that cuts a text into words, run by PCRE2's JIT with Unicode properties. It is written for
/// Oniguruma (what Hugging Face's tokenizers use); where the two read a pattern differently it is translated first
/// or refused (pcre2_dialect.h).
class SplitPattern {
 public:
  enum class Kind { regex, literal };
  /// What becomes of the matches: words of their own, dropped, or parts of the neighbouring words; "contiguous" joins
  /// neighbours that are both matches or both not. Text between matches always makes a word.
  enum class Matches { isolated, removed, merged_with_previous, merged_with_next, contiguous };

  /// Throws UserError with `where`, the position and PCRE2's reason when the pattern doesn't compile.
  SplitPattern(std::string_view pattern, Kind kind, Matches matches, bool invert, const std::string& where);

  /// Appends the words of a valid UTF-8 text; they are views into it. Throws UserError when the pattern backtracks
  /// beyond PCRE2's limit.
  void split(std::string_view text, std::vector<std::string_view>& words) const;

  /// The text in order with each match replaced by `content`, which is taken literally.
  std::string replaced(std::string_view text, std::string_view content) const;

 private:
  struct Code;
  /// Calls `visit` for each match, which may be empty, and each text between, in order.
  template <typename Visit>
  void for_each_part(std::string_view text, const Visit& visit) const;
  std::shared_ptr<const Code> code_;
  Matches matches_;
  bool invert_;
};

}  // namespace llavakd
