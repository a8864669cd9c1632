// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/answer_pieces.h"

#include <string_view>

namespace llavakd {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD, which stands for a broken character

/// How many bytes at the end are the beginning of a character (RFC 3629).
size_t unfinished_bytes(std::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::string AnswerPieces::next(const std::string& text) {
  std::string_view certain = text;
  certain.remove_suffix(unfinished_bytes(certain));
  while (certain.ends_with(replacement)) certain.remove_suffix(replacement.size());
  // A later token may change what was said: then the rest comes with the whole answer.
  if (!certain.starts_with(said_) || certain.size() == said_.size()) return {};
  std::string piece(certain.substr(said_.size()));
  said_ = certain;
  return piece;
}

}  // namespace llavakd
