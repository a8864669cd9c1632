// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/config_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/project/errors.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t largest_file = 16u << 20;
constexpr int deepest = 64;

std::string read_text(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) throw UserError(fmt::format("{}: can't be read ({}).", file.string(), error.message()));
  if (size > largest_file)
    throw UserError(fmt::format("{}: {} bytes are too many for a configuration.", file.string(), size));
  std::string text(size, '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(text.data(), static_cast<std::streamsize>(size)))
    throw UserError(fmt::format("{}: can't be read.", file.string()));
  return text;
}

/// Brackets open at once, outside of strings: known before a tree is built, since freeing or copying one recurses.
int depth_of(const std::string& text) {
  int depth = 0, most = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '{' || c == '[')) most = std::max(most, ++depth);
    else if (!quoted && (c == '}' || c == ']')) --depth;
  }
  return most;
}

std::string line_and_column(const std::string& text, size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte > 0 ? byte - 1 : 0, text.size()));
  const auto line = 1 + std::count(text.begin(), end, '\n');
  auto start = end;
  while (start != text.begin() && *(start - 1) != '\n') --start;
  return fmt::format("line {}, column {}", line, end - start + 1);
}

}  // namespace

Json read_config_file(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  if (depth_of(text) > deepest)
    throw UserError(fmt::format("{}: is nested more than {} levels deep.", file.string(), deepest));
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw UserError(fmt::format("{}: is not valid JSON ({}).", file.string(), line_and_column(text, error.byte)));
  } catch (const Json::exception&) {
    throw UserError(fmt::format("{}: is not valid JSON (a number is out of range).", file.string()));
  }
  if (!json.is_object()) throw UserError(fmt::format("{}: must be a JSON object, not {}.", file.string(), json.type_name()));
  return json;
}

ConfigObject::ConfigObject(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {
  if (!json.is_object()) throw UserError(fmt::format("{}: must be a JSON object, not {}.", where_, json.type_name()));
}

const Json* ConfigObject::find(const char* key) const {
  const auto found = json_->find(key);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

bool ConfigObject::has(const char* key) const { return find(key) != nullptr; }

int64_t ConfigObject::integer(const char* key, int64_t least, int64_t most, int64_t fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number_integer())
    throw UserError(fmt::format("{}: {} must be an integer, not {}.", where_, key, value->dump()));
  const bool huge = value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  const int64_t number = huge ? INT64_MAX : value->get<int64_t>();
  if (huge || number < least || number > most)
    throw UserError(fmt::format("{}: {} must be {} to {}, not {}.", where_, key, least, most, value->dump()));
  return number;
}

double ConfigObject::number(const char* key, double least, double most, double fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number()) throw UserError(fmt::format("{}: {} must be a number, not {}.", where_, key, value->dump()));
  const double number = value->get<double>();
  if (!std::isfinite(number) || number < least || number > most)
    throw UserError(fmt::format("{}: {} must be {} to {}, not {}.", where_, key, least, most, value->dump()));
  return number;
}

bool ConfigObject::boolean(const char* key, bool fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean())
    throw UserError(fmt::format("{}: {} must be true or false, not {}.", where_, key, value->dump()));
  return value->get<bool>();
}

std::string ConfigObject::text(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_string()) throw UserError(fmt::format("{}: {} must be text, not {}.", where_, key, value->dump()));
  return value->get<std::string>();
}

ConfigObject ConfigObject::child(const char* key) const {
  const Json* value = find(key);
  if (!value) throw UserError(fmt::format("{}: {} is missing.", where_, key));
  return ConfigObject(*value, fmt::format("{}: {}", where_, key));
}

std::optional<ConfigObject> ConfigObject::child_or_null(const char* key) const {
  return has(key) ? std::optional(child(key)) : std::nullopt;
}

}  // namespace llavakd
