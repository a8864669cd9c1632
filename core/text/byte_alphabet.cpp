// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/byte_alphabet.h"

#include <array>

#include "core/text/unicode.h"

namespace llavakd {
namespace {

bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<char32_t, 256> character{};
  std::array<int, 0x144> byte{};  // 68 bytes have a stand-in from U+0100 to U+0143

  Alphabet() {
    byte.fill(-1);
    char32_t next = 0x100;
    for (int b = 0; b < 256; ++b) {
      const char32_t c = stands_for_itself(b) ? static_cast<char32_t>(b) : next++;
      character[static_cast<size_t>(b)] = c;
      byte[c] = b;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet table;
  return table;
}

}  // namespace

char32_t character_of_byte(uint8_t byte) {
  return alphabet().character[byte];
}

std::optional<uint8_t> byte_of_character(char32_t character) {
  if (character >= alphabet().byte.size() || alphabet().byte[character] < 0) return std::nullopt;
  return static_cast<uint8_t>(alphabet().byte[character]);
}

std::optional<std::string> bytes_of_alphabet(std::string_view token) {
  std::string bytes;
  for (size_t i = 0; i < token.size();) {
    const CodePoint c = code_point_at(token, i);
    const auto byte = byte_of_character(c.value);
    if (!byte) return std::nullopt;
    bytes.push_back(static_cast<char>(*byte));
    i += c.length;
  }
  return bytes;
}

std::string bytes_of_token(std::string_view token) {
  return bytes_of_alphabet(token).value_or(std::string(token));
}

}  // namespace llavakd
