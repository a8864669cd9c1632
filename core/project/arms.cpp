// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/arms.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/base/errors.h"

namespace llavakd {
namespace {

/// Stage names may hold the '-' that joins them, so all ways to read the text are tried.
bool read_stages(std::string_view text, const std::vector<StageOptions>& known, std::vector<std::string>& stages) {
  for (const StageOptions& stage : known) {
    if (!text.starts_with(stage.name)) continue;
    const std::string_view rest = text.substr(stage.name.size());
    stages.push_back(stage.name);
    if (rest.empty() || (rest[0] == '-' && read_stages(rest.substr(1), known, stages))) return true;
    stages.pop_back();
  }
  return false;
}

/// What commas separate, without blanks around it.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::vector<Arm> parse_arms(const Project& project, const std::string& text) {
  std::vector<Arm> arms;
  if (project.stages.empty()) throw UserError("The project has no stages, so no arm can be made of them.");
  for (const std::string_view part : split(text)) {
    Arm arm{.name = std::string(part)};
    if (!read_stages(part, project.stages, arm.stages)) {
      std::vector<std::string> known;
      for (const StageOptions& stage : project.stages) known.push_back(stage.name);
      throw UserError(fmt::format("The arm “{}” is not made of the project's stages joined by '-'; there are {}.", part,
                                  fmt::join(known, ", ")));
    }
    if (std::ranges::none_of(arms, [&](const Arm& other) { return other.stages == arm.stages; }))
      arms.push_back(std::move(arm));
  }
  return arms;
}

std::vector<int64_t> parse_seeds(const std::string& text) {
  std::vector<int64_t> seeds;
  for (const std::string_view part : split(text)) {
    int64_t seed = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seed);
    if (part.empty() || error != std::errc() || end != part.data() + part.size() || seed < 0)
      throw UserError(fmt::format("“{}” is not a seed; seeds are whole numbers from 0, as in 0,1,2.", part));
    if (std::ranges::count(seeds, seed) == 0) seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace llavakd
