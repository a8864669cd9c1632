// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/config_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

bool is_one_of(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool concerns(const ConfigKey& row, std::string_view type) {
  if (row.only.empty()) return true;
  const bool but_these = row.only.front() == '!';
  return is_one_of(row.only.substr(but_these), type) != but_these;
}

/// The rows that may speak of the object's keys.
std::vector<ConfigKey> rows_for(const KeyHolder& holder) {
  std::vector<ConfigKey> rows;
  for (const ConfigKey& row : config_keys()) {
    const bool here = std::ranges::find(holder.places, row.place) != holder.places.end();
    if (here && concerns(row, holder.type)) rows.push_back(row);
  }
  return rows;
}

const ConfigKey* find_row(const std::vector<ConfigKey>& rows, std::string_view key) {
  const auto found = std::ranges::find(rows, key, &ConfigKey::key);
  return found == rows.end() ? nullptr : &*found;
}

bool asks_for_nothing(const ConfigKey* row, const Json& value) {
  if (value.is_null()) return true;
  if (row == nullptr || row->harmless.empty()) return false;
  const Json harmless = Json::parse(row->harmless);
  return std::ranges::find(harmless, value) != harmless.end();
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> all;
  for (const auto rows : {model_keys(), language_keys(), processor_keys(), tokenizer_and_generation_keys(), gguf_keys(),
                          data_file_keys(), adapter_keys()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

std::string_view name_of(KeyPlace place) {
  switch (place) {
    case KeyPlace::config:
      return "config.json, any object";
    case KeyPlace::top:
      return "config.json";
    case KeyPlace::llava:
      return "config.json of the original LLaVA";
    case KeyPlace::text:
      return "config.json: text_config";
    case KeyPlace::vision:
      return "config.json: vision_config";
    case KeyPlace::rope:
      return "rope_parameters, rope_scaling";
    case KeyPlace::image_processor:
      return "preprocessor_config.json";
    case KeyPlace::processor:
      return "processor_config.json";
    case KeyPlace::tokenizer_config:
      return "tokenizer_config.json";
    case KeyPlace::generation:
      return "generation_config.json";
    case KeyPlace::gguf:
      return "GGUF metadata";
    case KeyPlace::data_entry:
      return "data file: an entry";
    case KeyPlace::data_turn:
      return "data file: a turn";
    case KeyPlace::adapter:
      return "adapter_config.json";
  }
  return "";
}

std::string_view name_of(KeyFate fate) {
  switch (fate) {
    case KeyFate::read:
      return "read";
    case KeyFate::no_effect:
      return "can't matter";
    case KeyFate::refused:
      return "refused";
    case KeyFate::warned:
      return "warned of";
  }
  return "";
}

void refuse_keys(const Json& object, const KeyHolder& holder) {
  if (!object.is_object()) return;
  const std::vector<ConfigKey> rows = rows_for(holder);
  for (const auto& [key, value] : object.items()) {
    const ConfigKey* row = find_row(rows, key);
    if (row == nullptr || row->fate != KeyFate::refused || asks_for_nothing(row, value)) continue;
    throw UserError(
        fmt::format("{}: {} is {}; this version can't do {}.", holder.where, key, shown(value), row->description));
  }
}

std::vector<std::string> passed_over(const Json& object, const KeyHolder& holder) {
  std::vector<std::string> sentences, unknown;
  if (!object.is_object()) return sentences;
  const std::vector<ConfigKey> rows = rows_for(holder);
  for (const auto& [key, value] : object.items()) {
    const ConfigKey* row = find_row(rows, key);
    if ((row != nullptr && row->fate != KeyFate::warned) || asks_for_nothing(row, value)) continue;
    if (row == nullptr)
      unknown.push_back(fmt::format("{} ({})", printable(key, 60), shown(value)));
    else
      sentences.push_back(
          fmt::format("{}: {} is {}, which is passed over: {}.", holder.where, key, shown(value), row->description));
  }
  if (!unknown.empty())
    sentences.push_back(
        fmt::format("{}: keys that aren't known here are passed over: {}.", holder.where, name_list(unknown)));
  return sentences;
}

}  // namespace llavakd
