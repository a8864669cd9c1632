// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace llavakd {

/// What a JSON text may cost before it is refused.
struct JsonLimits {
  size_t max_bytes =
      size_t{256} << 20;  ///< Limit of the text's size; a data file of 665k conversations needs about 1 GiB.
  int max_depth = 64;     ///< Limit of nested arrays and objects.
};

/// Parses JSON text (RFC 8259) strictly: UTF-8 only, no duplicate keys, nothing after the value; a byte order mark in
/// front is tolerated. Keys keep their order. `where` names the text in messages. Building takes linear time, but
/// looking up a key in an ordered object walks it: iterate over objects with many keys. Throws UserError with file,
/// line and column.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

/// Reads and parses a file by parse_json. Throws UserError.
nlohmann::ordered_json read_json(const std::filesystem::path& path, const JsonLimits& limits = {});

/// Writes with two-space indent and a newline at the end, atomically. NaN and infinity become null.
void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json);

}  // namespace llavakd
