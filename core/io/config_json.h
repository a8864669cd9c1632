// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace llavakd {

/// Reads a model's config.json: at most 16 MiB, strict JSON (no NaN), an object, nested 64 levels at most. Throws
/// UserError that names the file and, for broken JSON, line and column.
nlohmann::ordered_json read_config_file(const std::filesystem::path& file);

/// The value as a message can hold it: on one line, at most 60 characters.
std::string shown(const nlohmann::ordered_json& value);

/// The text under `key`; "" where the key or the object isn't there or is something else.
std::string text_or_empty(const nlohmann::ordered_json& object, const char* key);

/// A JSON object of a config.json whose values are checked as they are read. `where` ("…/config.json: text_config")
/// begins every message. Keys that are absent or null give the default; a value of another type or outside its bounds
/// throws UserError.
class ConfigObject {
 public:
  ConfigObject(const nlohmann::ordered_json& json, std::string where);

  const nlohmann::ordered_json& json() const { return *json_; }
  const std::string& where() const { return where_; }
  bool has(const char* key) const;

  int64_t integer(const char* key, int64_t least, int64_t most, int64_t fallback) const;
  /// A finite number in [least, most].
  double number(const char* key, double least, double most, double fallback) const;
  bool boolean(const char* key, bool fallback) const;
  std::string text(const char* key, const std::string& fallback) const;
  /// The object under `key`, which must be there.
  ConfigObject child(const char* key) const;
  std::optional<ConfigObject> child_or_null(const char* key) const;

 private:
  const nlohmann::ordered_json* find(const char* key) const;

  const nlohmann::ordered_json* json_;
  std::string where_;
};

/// `eos_token_id`: null, a token, or a list of them, any of which ends an answer. Throws UserError for other values.
std::vector<int64_t> end_tokens(const ConfigObject& object);

/// The tokens that end a model's answers: those of the folder's generation_config.json, as generate() of transformers
/// takes them, or `otherwise`, those of its configuration, where it says none. Throws UserError.
std::vector<int64_t> end_tokens_of(const std::filesystem::path& folder, const std::vector<int64_t>& otherwise);

}  // namespace llavakd
