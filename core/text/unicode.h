// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace llavakd {

/// One step of reading UTF-8. For an ill-formed sequence `value` is U+FFFD and `length` the bytes of its maximal
/// subpart (Unicode 3.9, the practice of Rust's and Python's "replace"), at least 1.
struct CodePoint {
  char32_t value = 0;
  size_t length = 0;
  bool valid = false;
};

/// The code point that begins at `position` (which must be inside the text).
CodePoint code_point_at(std::string_view text, size_t position);
/// The last code point of a non-empty text; of an ill-formed end the last byte alone, as U+FFFD.
CodePoint last_code_point(std::string_view text);

/// The text with U+FFFD for each ill-formed sequence.
std::string valid_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);

/// Unicode's White_Space property.
bool is_white_space(char32_t code_point);
/// A word character as Rust's regex counts \w: letters, marks, decimal and letter numbers, connectors, joiners.
bool is_word_character(char32_t code_point);

enum class NormalForm { none, nfc, nfd, nfkc, nfkd };

/// Unicode normal form of a valid UTF-8 text (UAX #15), by the tables that Hugging Face's tokenizers use: marks younger
/// than Unicode 9 stay where they are. Takes n log n time whatever the text.
std::string normalized(std::string_view text, NormalForm form);

}  // namespace llavakd
