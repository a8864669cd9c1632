// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/merges.h"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/foreign_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

TokenPair pair_of_line(std::string_view line, const std::string& where) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
      line.find(' ', space + 1) != std::string_view::npos) {
    throw UserError(
        fmt::format("{}: the merge '{}' must be two tokens with one space between.", where, printable(line)));
  }
  return {std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
}

}  // namespace

std::vector<TokenPair> merges_of_json(const Json& json, const std::string& where) {
  if (!json.is_array()) throw UserError(fmt::format("{} must be a list, but it is {}.", where, json.type_name()));
  std::vector<TokenPair> merges;
  merges.reserve(json.size());
  for (const Json& merge : json) {
    const std::string place = fmt::format("{}[{}]", where, merges.size());
    if (merge.is_string()) {
      merges.push_back(pair_of_line(merge.get_ref<const std::string&>(), place));
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
    } else {
      throw UserError(fmt::format("{}: a merge must be \"a b\" or [\"a\", \"b\"].", place));
    }
  }
  return merges;
}

std::vector<TokenPair> merges_of_lines(const std::vector<std::string>& lines, const std::string& where) {
  std::vector<TokenPair> merges;
  merges.reserve(lines.size());
  for (const std::string& line : lines)
    merges.push_back(pair_of_line(line, fmt::format("{}[{}]", where, merges.size())));
  return merges;
}

std::vector<TokenPair> merges_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(fmt::format("{}: can't be read.", path.string()));
  std::vector<TokenPair> merges;
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (number == 1) refuse_foreign_file(path, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.starts_with("#version")) continue;
    merges.push_back(pair_of_line(line, fmt::format("{}, line {}", path.string(), number)));
  }
  if (file.bad()) throw UserError(fmt::format("{}: can't be read to its end.", path.string()));
  return merges;
}

}  // namespace llavakd
