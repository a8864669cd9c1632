// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_json.h"

#include <fmt/format.h>

#include <limits>

#include "core/base/errors.h"

namespace llavakd {

using Json = nlohmann::ordered_json;

const Json& required_key(const Json& json, const char* key, const std::string& where) {
  if (!json.is_object()) throw UserError(fmt::format("{} must be an object, but it is {}.", where, json.type_name()));
  const auto it = json.find(key);
  if (it == json.end()) throw UserError(fmt::format("{} has no \"{}\".", where, key));
  return *it;
}

std::string text_at(const Json& json, const char* key, const std::string& where) {
  const Json& value = required_key(json, key, where);
  if (!value.is_string()) {
    throw UserError(fmt::format("{}.{} must be a text, but it is {}.", where, key, value.type_name()));
  }
  return value.get<std::string>();
}

bool flag_at(const Json& json, const char* key, bool fallback, const std::string& where) {
  const auto it = json.find(key);
  if (it == json.end() || it->is_null()) return fallback;
  if (!it->is_boolean()) {
    throw UserError(fmt::format("{}.{} must be true or false, but it is {}.", where, key, it->type_name()));
  }
  return it->get<bool>();
}

int32_t token_id_of(const Json& value, const std::string& where) {
  if (!value.is_number_integer()) {
    throw UserError(fmt::format("{}: a token id must be an integer, but it is {}.", where, value.type_name()));
  }
  constexpr int64_t greatest = std::numeric_limits<int32_t>::max() - 1;
  const bool too_great = value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(greatest);
  if (too_great || value.get<int64_t>() < 0) {
    throw UserError(fmt::format("{}: the token id {} is out of range (0 to {}).", where, value.dump(), greatest));
  }
  return value.get<int32_t>();
}

}  // namespace llavakd
