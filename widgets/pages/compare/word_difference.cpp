// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/word_difference.h"

#include <QStringList>
#include <algorithm>

namespace llavakd {
namespace {

constexpr qsizetype most_words = 2000;  // the table below has this many squared entries

struct Word {
  QString text;  ///< With the white space after it.
  QString core;  ///< What is compared.
};

std::vector<Word> wordsOf(const QString& text) {
  std::vector<Word> words;
  for (qsizetype i = 0; i < text.size();) {
    qsizetype end = i;
    while (end < text.size() && !text[end].isSpace()) ++end;
    qsizetype next = end;
    while (next < text.size() && text[next].isSpace()) ++next;
    QString core = text.mid(i, end - i).toCaseFolded();
    while (core.size() > 1 && core.back().isPunct()) core.chop(1);
    while (core.size() > 1 && core.front().isPunct()) core.remove(0, 1);
    words.push_back({text.mid(i, next - i), core});
    i = next;
  }
  return words;
}

// Which words of `a` belong to the longest common subsequence with `b`.
std::vector<bool> commonWords(const std::vector<Word>& a, const std::vector<Word>& b) {
  std::vector<bool> common(a.size());
  if (qsizetype(a.size()) > most_words || qsizetype(b.size()) > most_words) {
    for (std::size_t i = 0; i < a.size(); ++i) common[i] = i < b.size() && a[i].core == b[i].core;
    return common;
  }
  const std::size_t width = b.size() + 1;
  std::vector<int> length((a.size() + 1) * width);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      length[i * width + j] = a[i].core == b[j].core ? length[(i + 1) * width + j + 1] + 1
                                                     : std::max(length[(i + 1) * width + j], length[i * width + j + 1]);
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].core == b[j].core)
      common[i++] = true, ++j;
    else if (length[(i + 1) * width + j] >= length[i * width + j + 1])
      ++i;
    else
      ++j;
  }
  return common;
}

}  // namespace

std::vector<WordPart> wordDifference(const QString& text, const QString& other) {
  const auto words = wordsOf(text);
  const auto common = commonWords(words, wordsOf(other));
  std::vector<WordPart> parts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (parts.empty() || parts.back().differs == common[i]) parts.push_back({{}, !common[i]});
    parts.back().text += words[i].text;
  }
  return parts;
}

}  // namespace llavakd
