// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace llavakd {

/// An answer's text in the pieces in which it comes, for whoever reads along. Tokens may end within a character and
/// white space at an answer's ends doesn't count, so that a piece is what is certain by now: put together, the pieces
/// are a beginning of the answer's text.
class AnswerPieces {
 public:
  /// `text`: of all tokens so far (answer_text). What follows the pieces so far; empty where nothing is certain yet.
  std::string next(const std::string& text);

 private:
  std::string said_;
};

}  // namespace llavakd
