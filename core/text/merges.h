// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace llavakd {

/// One merge: the two tokens that it joins, as the file writes them. The rank is its place in the list.
using TokenPair = std::pair<std::string, std::string>;

/// `model.merges` of tokenizer.json: "a b" or ["a", "b"] each. Throws UserError naming `where` and the place.
std::vector<TokenPair> merges_of_json(const nlohmann::ordered_json& json, const std::string& where);

/// "a b" each. Throws UserError naming `where` and the place.
std::vector<TokenPair> merges_of_lines(const std::vector<std::string>& lines, const std::string& where);

/// merges.txt of GPT-2: a "#version" line, then one merge a line. Throws UserError naming file and line.
std::vector<TokenPair> merges_of_file(const std::filesystem::path& path);

}  // namespace llavakd
