// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The items of ../shared/golden/bad/INDEX.json.
#include "core/io/json_file.h"
#include "tests/golden/golden_tests.h"

namespace llavakd::golden {

inline const nlohmann::ordered_json& bad_items() {
  static const nlohmann::ordered_json items = read_json(root / "bad/INDEX.json");
  return items;
}

inline const nlohmann::ordered_json& bad_item(const std::string& file) {
  return *std::ranges::find_if(bad_items(), [&](const auto& item) { return item["file"] == file; });
}

/// Copies the good base of an item to `to` and puts the damaged file in, as its `overlay` says.
inline void materialize(const nlohmann::ordered_json& item, const std::filesystem::path& to) {
  const auto& overlay = item["overlay"];
  std::filesystem::copy(root / overlay["base"].get<std::string>(), to, std::filesystem::copy_options::recursive);
  if (overlay.contains("remove"))
    for (const auto& name : overlay["remove"]) std::filesystem::remove(to / name.get<std::string>());
  for (const auto& [name, source] : overlay["put"].items())
    std::filesystem::copy_file(root / source.get<std::string>(), to / name,
                               std::filesystem::copy_options::overwrite_existing);
}

}  // namespace llavakd::golden
