// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/added_token_finder.h"

#include <algorithm>

#include "core/text/unicode.h"

namespace llavakd {
namespace {

bool touches_word(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && is_word_character(last_code_point(text.substr(0, begin)).value)) return true;
  return end < text.size() && is_word_character(code_point_at(text, end).value);
}

/// No further than to `done`, so that many tokens behind a long space take little time.
size_t without_space_before(std::string_view text, size_t begin, size_t done) {
  while (begin > done) {
    const CodePoint c = last_code_point(text.substr(0, begin));
    if (!is_white_space(c.value)) break;
    begin -= c.length;
  }
  return begin;
}

size_t without_space_after(std::string_view text, size_t end) {
  while (end < text.size()) {
    const CodePoint c = code_point_at(text, end);
    if (!is_white_space(c.value)) break;
    end += c.length;
  }
  return end;
}

}  // namespace

void AddedTokenFinder::add(const AddedToken& token, std::string_view content) {
  if (content.empty()) return;
  trie_.insert(content, static_cast<int32_t>(tokens_.size()));
  tokens_.push_back(token);
  first_bytes_[static_cast<uint8_t>(content.front())] = true;
}

AddedTokenFinder::Match AddedTokenFinder::longest_at(std::string_view text, size_t position) const {
  Match best;
  int32_t node = 0;
  for (size_t i = position; i < text.size(); ++i) {
    node = trie_.child(node, text[i]);
    if (node < 0) break;
    const int32_t token = trie_.number(node);
    if (token >= 0) best = {i + 1, &tokens_[static_cast<size_t>(token)]};
  }
  return best;
}

void AddedTokenFinder::split(std::string_view text,
                             const std::function<void(std::string_view, const AddedToken*)>& visit) const {
  size_t done = 0;
  size_t i = 0;
  size_t space_end = 0;  // of the white space behind the last token that took some
  while (i < text.size() && !tokens_.empty()) {
    if (!first_bytes_[static_cast<uint8_t>(text[i])]) {
      ++i;
      continue;
    }
    const Match match = longest_at(text, i);
    if (match.token == nullptr) {
      ++i;
      continue;
    }
    size_t begin = i;
    size_t end = match.end;
    i = match.end;  // a token that isn't taken still uses up its text, as the automaton of the original does
    if (match.token->single_word && touches_word(text, begin, end)) continue;
    if (match.token->lstrip) begin = without_space_before(text, begin, done);
    if (match.token->rstrip) end = space_end = end < space_end ? space_end : without_space_after(text, end);
    if (done < begin) visit(text.substr(done, begin - done), nullptr);
    visit(text.substr(begin, end - begin), match.token);
    done = end;  // the search goes on behind the match: a token may begin in the space that this one took
  }
  if (done < text.size()) visit(text.substr(done), nullptr);
}

}  // namespace llavakd
