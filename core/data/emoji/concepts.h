// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd::emoji {

inline constexpr int kConceptsPerGroup = 12;
inline constexpr std::array<std::string_view, 5> kGroups = {"animal", "food", "travel", "activity", "object"};

/// A thing that scenes show: "fox", U+1F98A, "animal".
struct Concept {
  std::string name;
  char32_t code_point = 0;
  std::string group;
};

/// The 60 concepts, twelve of each group in the order of kGroups, by rule from Unicode's emoji-test.txt:
/// fully-qualified rows of one code point (U+FE0F doesn't count) whose name is one word of 2 to 10 letters a-z that
/// doesn't end in s; evenly spaced in file order. `source` names the text in error messages. Throws UserError when the
/// text gives too few.
std::vector<Concept> parse_concepts(std::istream& text, std::string_view source);

/// parse_concepts() of a file; throws UserError naming the Debian package if it isn't there.
std::vector<Concept> read_concepts(const std::filesystem::path& emoji_test);

/// True for the 150 of 1,770 pairs of concept numbers that no training scene holds and every test scene has one of.
bool held_out(int i, int j);

}  // namespace llavakd::emoji
