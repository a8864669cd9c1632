// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_parameters.h"

#include <fmt/format.h>

#include "core/base/errors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

const Json* value_of(const Json& parameters, const char* key) {
  const auto found = parameters.find(key);
  return found == parameters.end() || found->is_null() ? nullptr : &*found;
}

const Json& list_of(const Json& parameters, const char* key, size_t most) {
  static const Json none = Json::array();
  const Json* value = value_of(parameters, key);
  if (!value) return none;
  if (!value->is_array() || value->size() > most)
    throw UserError(fmt::format("\"{}\" must be a list of at most {}.", key, most));
  return *value;
}

}  // namespace

std::string text_of(const Json& parameters, const char* key, const std::string& otherwise) {
  const Json* value = value_of(parameters, key);
  if (!value) return otherwise;
  if (!value->is_string()) throw UserError(fmt::format("\"{}\" must be text.", key));
  return value->get<std::string>();
}

std::string required_text(const Json& parameters, const char* key) {
  std::string text = text_of(parameters, key);
  if (text.empty()) throw UserError(fmt::format("\"{}\" is missing.", key));
  return text;
}

int64_t whole_number_of(const Json& parameters, const char* key, int64_t otherwise, int64_t least, int64_t most) {
  const Json* value = value_of(parameters, key);
  if (!value) return otherwise;
  // Beyond int64 a number would wrap around.
  const bool fits = value->is_number_unsigned() ? value->get<uint64_t>() <= static_cast<uint64_t>(most)
                                                : value->is_number_integer() && value->get<int64_t>() <= most;
  if (!fits || value->get<int64_t>() < least)
    throw UserError(fmt::format("\"{}\" must be a whole number between {} and {}.", key, least, most));
  return value->get<int64_t>();
}

double number_of_key(const Json& parameters, const char* key, double otherwise) {
  const Json* value = value_of(parameters, key);
  if (!value) return otherwise;
  if (!value->is_number()) throw UserError(fmt::format("\"{}\" must be a number.", key));
  return value->get<double>();
}

bool flag_of(const Json& parameters, const char* key) {
  const Json* value = value_of(parameters, key);
  if (!value) return false;
  if (!value->is_boolean()) throw UserError(fmt::format("\"{}\" must be true or false.", key));
  return value->get<bool>();
}

std::vector<Json> objects_of(const Json& parameters, const char* key, size_t most) {
  std::vector<Json> objects;
  for (const Json& each : list_of(parameters, key, most)) {
    if (!each.is_object()) throw UserError(fmt::format("\"{}\" must be a list of objects.", key));
    objects.push_back(each);
  }
  return objects;
}

std::vector<std::string> texts_of(const Json& parameters, const char* key, size_t most) {
  std::vector<std::string> texts;
  for (const Json& each : list_of(parameters, key, most)) {
    if (!each.is_string()) throw UserError(fmt::format("\"{}\" must be a list of texts.", key));
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

}  // namespace llavakd
