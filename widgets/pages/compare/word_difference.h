// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <vector>

namespace llavakd {

/// A stretch of a text and whether the other text has it too.
struct WordPart {
  QString text;
  bool differs = false;
  bool operator==(const WordPart&) const = default;
};

/// Splits `text` into stretches that are also in `other`, in the same order (longest common subsequence of words), and
/// such that aren't. Letter case and punctuation at a word's ends don't count. Texts of more than 2000 words are
/// compared word by word in place.
std::vector<WordPart> wordDifference(const QString& text, const QString& other);

}  // namespace llavakd
