// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// Where a key is: a file, and the object in it.
enum class KeyPlace {
  config,            ///< Any object of config.json: what every Hugging Face configuration may hold.
  top,               ///< config.json of a whole model, TinyLLaVA's or llava-hf's.
  llava,             ///< config.json of the original LLaVA, next to the language model's keys.
  text,              ///< text_config of a whole model; config.json of a language model.
  vision,            ///< vision_config of a whole model; config.json of a tower.
  rope,              ///< rope_parameters or rope_scaling of a language model.
  image_processor,   ///< preprocessor_config.json; image_processor of processor_config.json.
  processor,         ///< processor_config.json.
  tokenizer_config,  ///< tokenizer_config.json.
  generation,        ///< generation_config.json.
  gguf,              ///< Metadata of a GGUF file.
  data_entry,        ///< An entry of a data file.
  data_turn,         ///< A turn of its conversations.
  adapter,           ///< adapter_config.json.
};

/// What becomes of a key.
enum class KeyFate {
  read,       ///< It is obeyed, or a value that can't be obeyed is refused.
  no_effect,  ///< It can't change a number here.
  refused,    ///< Its values other than the harmless ones are refused.
  warned,     ///< Its values other than the harmless ones are passed over, which is said.
};

/// One key that files are known to hold.
struct ConfigKey {
  KeyPlace place;
  std::string_view key;
  KeyFate fate;
  std::string_view description;    ///< What it is for; of refused and warned keys the end of a sentence on the value.
  std::string_view harmless = "";  ///< Values that ask for nothing, as a JSON list; null always does.
  std::string_view only = "";      ///< The model types that know it, between blanks; empty: all.
};

/// All rows. One more is a line in config_keys_*.cpp, and
/// in core/model_spec/KEYS.md, which a test holds equal.
std::vector<ConfigKey> config_keys();

/// "config.json", "text_config of config.json", …
std::string_view name_of(KeyPlace place);
/// "read", "can't matter", "refused", "warned of".
std::string_view name_of(KeyFate fate);

/// An object as the table sees it: the places whose keys it may hold, and the model_type whose rows count.
struct KeyHolder {
  std::vector<KeyPlace> places;
  std::string type = {};
  std::string where = {};  ///< Begins every message: file and object.
};

/// Throws UserError that names a refused key of the object, with its value.
void refuse_keys(const nlohmann::ordered_json& object, const KeyHolder& holder);

/// What is passed over although it may mean something: a sentence for each key that is warned of, and one for all keys
/// without a row. The value null says nothing.
std::vector<std::string> passed_over(const nlohmann::ordered_json& object, const KeyHolder& holder);

// The rows by file, joined by config_keys().
std::span<const ConfigKey> model_keys();
std::span<const ConfigKey> language_keys();
std::span<const ConfigKey> processor_keys();
std::span<const ConfigKey> tokenizer_and_generation_keys();
std::span<const ConfigKey> gguf_keys();
std::span<const ConfigKey> data_file_keys();
std::span<const ConfigKey> adapter_keys();

}  // namespace llavakd
