// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llavakd {

/// GPT-2's printable stand-in for each byte: vocabularies of byte-level BPE are written with these 256 characters
/// ("Ġ" is a space). Latin-1's printable characters represent themselves, the others for U+0100 and up.
char32_t character_of_byte(uint8_t byte);
std::optional<uint8_t> byte_of_character(char32_t character);

/// Bytes of a token written in the alphabet, or nothing where it has any other character.
std::optional<std::string> bytes_of_alphabet(std::string_view token);

/// The same, but a token with any other character is kept as it is, as Hugging Face's decoder does.
std::string bytes_of_token(std::string_view token);

}  // namespace llavakd
