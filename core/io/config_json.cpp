// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/config_json.h"

#include <fmt/format.h>

#include <cmath>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/json_file.h"

namespace llavakd {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 60);
}

std::string text_or_empty(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json read_config_file(const std::filesystem::path& file) {
  Json json = read_json(file, JsonLimits{.max_bytes = size_t{16} << 20, .max_depth = 64});
  if (!json.is_object())
    throw UserError(fmt::format("{}: must be a JSON object, not {}.", file.string(), json.type_name()));
  return json;
}

ConfigObject::ConfigObject(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {
  if (!json.is_object()) throw UserError(fmt::format("{}: must be a JSON object, not {}.", where_, json.type_name()));
}

const Json* ConfigObject::find(const char* key) const {
  const auto found = json_->find(key);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

bool ConfigObject::has(const char* key) const {
  return find(key) != nullptr;
}

int64_t ConfigObject::integer(const char* key, int64_t least, int64_t most, int64_t fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number_integer())
    throw UserError(fmt::format("{}: {} must be an integer, not {}.", where_, key, shown(*value)));
  const bool huge = value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  const int64_t number = huge ? INT64_MAX : value->get<int64_t>();
  if (huge || number < least || number > most)
    throw UserError(fmt::format("{}: {} must be {} to {}, not {}.", where_, key, least, most, shown(*value)));
  return number;
}

double ConfigObject::number(const char* key, double least, double most, double fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_number()) throw UserError(fmt::format("{}: {} must be a number, not {}.", where_, key, shown(*value)));
  const double number = value->get<double>();
  if (!std::isfinite(number) || number < least || number > most)
    throw UserError(fmt::format("{}: {} must be {} to {}, not {}.", where_, key, least, most, shown(*value)));
  return number;
}

bool ConfigObject::boolean(const char* key, bool fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean())
    throw UserError(fmt::format("{}: {} must be true or false, not {}.", where_, key, shown(*value)));
  return value->get<bool>();
}

std::string ConfigObject::text(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (!value) return fallback;
  if (!value->is_string()) throw UserError(fmt::format("{}: {} must be text, not {}.", where_, key, shown(*value)));
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

std::vector<int64_t> end_tokens(const ConfigObject& object) {
  const auto found = object.json().find("eos_token_id");
  if (found == object.json().end() || found->is_null()) return {};
  const Json list = found->is_array() ? *found : Json::array({*found});
  std::vector<int64_t> ids;
  for (const Json& id : list) {
    if (!id.is_number_integer() || id < -1 || id > (1 << 24))
      throw UserError(fmt::format("{}: eos_token_id must be a token's id or a list of them, not {}.", object.where(),
                                  shown(*found)));
    // -1 is how some files say that there is none.
    if (id >= 0) ids.push_back(id.get<int64_t>());
  }
  return ids;
}

std::vector<int64_t> end_tokens_of(const std::filesystem::path& folder, const std::vector<int64_t>& otherwise) {
  std::error_code error;
  const auto file = folder / "generation_config.json";
  if (!std::filesystem::is_regular_file(file, error)) return otherwise;
  const Json json = read_config_file(file);
  const ConfigObject object(json, file.string());
  return object.has("eos_token_id") ? end_tokens(object) : otherwise;
}

}  // namespace llavakd
