// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace llavakd {
namespace {

struct Character {
  size_t length = 0;  ///< In bytes; 0 when it isn't UTF-8.
  int32_t code = 0;
};

/// That at the beginning.
Character first_character(std::string_view text) {
  utf8proc_int32_t code = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code);
  return length > 0 ? Character{static_cast<size_t>(length), code} : Character();
}

/// What a terminal acts on, or what turns the order of the text around it or breaks its line: controls (C0, DEL, C1),
/// marks of direction, line and paragraph separators.
bool is_control(int32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

/// Eight bytes at once: most text is of this kind, and the tokenizer checks all of its input.
bool is_ascii_word(std::string_view text) {
  uint64_t word = 0;
  if (text.size() < sizeof word) return false;
  std::memcpy(&word, text.data(), sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (is_ascii_word(text)) {
      text.remove_prefix(sizeof(uint64_t));
      continue;
    }
    const size_t length = first_character(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view bytes, size_t longest) {
  std::string text;
  while (!bytes.empty()) {
    if (text.size() >= longest) return text += "…";
    const Character first = first_character(bytes);
    const std::string_view whole = bytes.substr(0, std::max<size_t>(1, first.length));
    if (first.length > 0 && !is_control(first.code))
      text += whole;
    else
      for (const char byte : whole) text += fmt::format("\\x{:02x}", static_cast<uint8_t>(byte));
    bytes.remove_prefix(whole.size());
  }
  return text;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace llavakd
