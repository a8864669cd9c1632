// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace llavakd {

/// For a character of Unicode 15 or 16 one of Unicode 14 that has the same general category and as many bytes in UTF-8
/// (and is near, where there is such a one, for patterns that hold ranges); others represent themselves. PCRE2 10.42
/// knows Unicode 14 only, Hugging Face's tokenizers know 16. The table was made by asking `tokenizers` 0.23.3 with
/// Split(Regex("\\p{Lu}"), "removed") and so on, for each character that Python's unicodedata 14.0.0 counts as
/// unassigned.
char32_t older_character(char32_t code_point);

/// A valid UTF-8 text with an older character for each newer one, or nothing when it has none of them: where a pattern
/// matches in this text it matches in the given one.
std::optional<std::string> with_older_characters(std::string_view text);

}  // namespace llavakd
