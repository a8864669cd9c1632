// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/concepts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include "core/base/errors.h"

namespace llavakd::emoji {
namespace {

/// Headings of emoji-test.txt in the order of kGroups.
constexpr std::array<std::string_view, 5> kHeadings = {"Animals & Nature", "Food & Drink", "Travel & Places",
                                                       "Activities", "Objects"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The code point of "1F3D4 FE0F"; nothing if there are several or it isn't one.
std::optional<char32_t> single_code_point(std::string_view text) {
  std::optional<char32_t> found;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    uint32_t value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc() || stop != word.data() + word.size() || value > 0x10FFFF) return std::nullopt;
    if (value != 0xFE0F) {
      if (found) return std::nullopt;
      found = static_cast<char32_t>(value);
    }
    text = trimmed(text.substr(end));
  }
  return found;
}

bool is_plain_word(std::string_view name) {
  return name.size() >= 2 && name.size() <= 10 && name.back() != 's' &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// "1F98A ; fully-qualified # 🦊 E3.0 fox" -> fox; nothing for rows that the rule leaves out.
std::optional<Concept> concept_of_row(std::string_view row) {
  const auto semicolon = row.find(';');
  const auto hash = row.find('#');
  if (semicolon == std::string_view::npos || hash == std::string_view::npos || hash < semicolon) return std::nullopt;
  if (trimmed(row.substr(semicolon + 1, hash - semicolon - 1)) != "fully-qualified") return std::nullopt;
  const auto code_point = single_code_point(trimmed(row.substr(0, semicolon)));
  // After the hash: the emoji, its version ("E3.0"), the name.
  const auto comment = trimmed(row.substr(hash + 1));
  const auto version = comment.find(" E");
  if (!code_point || version == std::string_view::npos) return std::nullopt;
  const auto space = comment.find(' ', version + 1);
  if (space == std::string_view::npos) return std::nullopt;
  const auto name = trimmed(comment.substr(space));
  if (!is_plain_word(name)) return std::nullopt;
  return Concept{std::string(name), *code_point, {}};
}

}  // namespace

std::vector<Concept> parse_concepts(std::istream& text, std::string_view source) {
  std::array<std::vector<Concept>, kGroups.size()> found;
  std::optional<size_t> group;
  constexpr std::string_view heading = "# group:";
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(heading)) {
      const auto at =
          std::find(kHeadings.begin(), kHeadings.end(), trimmed(std::string_view(line).substr(heading.size())));
      group = at == kHeadings.end() ? std::nullopt : std::optional<size_t>(at - kHeadings.begin());
    } else if (group) {
      if (auto row = concept_of_row(line)) found[*group].push_back(std::move(*row));
    }
  }
  std::vector<Concept> concepts;
  for (size_t g = 0; g < kGroups.size(); ++g) {
    const size_t count = found[g].size();
    if (count < kConceptsPerGroup) {
      throw UserError(
          fmt::format("{} holds {} usable names under \"# group: {}\"; {} are needed. It should be the "
                      "emoji-test.txt of the Debian package unicode-data.",
                      source, count, kHeadings[g], kConceptsPerGroup));
    }
    for (size_t i = 0; i < kConceptsPerGroup; ++i) {
      concepts.push_back(found[g][i * count / kConceptsPerGroup]);
      concepts.back().group = kGroups[g];
    }
  }
  return concepts;
}

std::vector<Concept> read_concepts(const std::filesystem::path& emoji_test) {
  std::error_code error;
  std::ifstream file(emoji_test);
  if (!file || !std::filesystem::is_regular_file(emoji_test, error)) {
    throw UserError(
        fmt::format("The names of the emoji are missing: there is no file {}. Install the Debian package "
                    "unicode-data (apt install unicode-data).",
                    emoji_test.string()));
  }
  return parse_concepts(file, emoji_test.string());
}

bool held_out(int i, int j) {
  const auto [a, b] = std::minmax(i, j);
  return (7 * a + 13 * b) % 10 == 0;
}

}  // namespace llavakd::emoji
