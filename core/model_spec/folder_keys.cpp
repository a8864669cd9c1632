// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/folder_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/io/config_json.h"
#include "core/io/image_processor_config.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/gguf_keys.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/model_config.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Sentences = std::vector<std::string>;

void add_passed_over(Sentences& all, const Json& object, const KeyHolder& holder) {
  for (std::string& sentence : passed_over(object, holder)) all.push_back(std::move(sentence));
}

/// The model_type of a part, as its reader takes it.
std::string type_of(const Json& object) {
  const auto type = object.is_object() ? object.find("model_type") : object.end();
  if (type == object.end() || !type->is_string()) return "";
  return *type == "siglip" ? "siglip_vision_model" : type->get<std::string>();
}

const Json* find_object(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? nullptr : &*found;
}

/// A family that isn't supported has no known keys; it is refused by its name.
bool is_known_family(const std::vector<std::string_view>& families, const std::string& type) {
  return std::ranges::find(families, type) != families.end();
}

void add_language(Sentences& all, const Json& object, KeyHolder holder) {
  if (!is_known_family(known_language_models(), holder.type)) return;
  add_passed_over(all, object, holder);
  for (const char* key : {"rope_scaling", "rope_parameters"})
    if (const Json* rope = find_object(object, key))
      add_passed_over(all, *rope, {{KeyPlace::rope}, holder.type, fmt::format("{}: {}", holder.where, key)});
}

void add_tower(Sentences& all, const Json& object, const std::string& where) {
  const std::string type = type_of(object);
  if (type.empty() || is_known_family(known_vision_towers(), type))
    add_passed_over(all, object, {{KeyPlace::vision, KeyPlace::config}, type, where});
}

/// config.json. Types come from `config`, in which parts that leave theirs out have it.
void add_config(Sentences& all, const Json& raw, const Json& config, const std::string& layout,
                const std::string& where) {
  constexpr KeyPlace any = KeyPlace::config;
  if (layout == "language_model") return add_language(all, raw, {{KeyPlace::text, any}, type_of(config), where});
  if (layout == "vision_tower") {
    // In a two-tower model the vision tower alone counts.
    const Json* inner = find_object(config, "vision_config");
    return add_tower(all, inner ? *inner : config, inner ? where + ": vision_config" : where);
  }
  const Json* language = find_object(config, "text_config");
  const std::string language_type = language ? type_of(*language) : "";
  if (layout == "llava") return add_language(all, raw, {{KeyPlace::llava, KeyPlace::text, any}, language_type, where});
  add_passed_over(all, raw, {{KeyPlace::top, any}, type_of(raw), where});
  if (language) add_language(all, *language, {{KeyPlace::text, any}, language_type, where + ": text_config"});
  if (const Json* tower = find_object(config, "vision_config")) add_tower(all, *tower, where + ": vision_config");
}

void add_config_file(Sentences& all, const fs::path& file, KeyPlace place) {
  std::error_code error;
  if (fs::is_regular_file(file, error)) add_passed_over(all, read_config_file(file), {{place}, "", file.string()});
}

/// Files that say how images are prepared.
void add_image_processor_keys(Sentences& all, const fs::path& folder) {
  add_config_file(all, folder / "processor_config.json", KeyPlace::processor);
  const auto settings = find_image_processor_config(folder);
  if (!settings) return;
  add_passed_over(all, settings->json, {{KeyPlace::image_processor}, "", settings->where});
  std::error_code error;
  const fs::path other = folder / "preprocessor_config.json";
  if (settings->file != other && fs::is_regular_file(other, error) && read_config_file(other) != settings->json)
    all.push_back(fmt::format("{}: passed over, because {} counts before it.", other.string(), settings->where));
}

}  // namespace

std::vector<std::string> passed_over_in(const fs::path& folder, const std::string& layout) {
  Sentences all;
  std::error_code error;
  if (const fs::path gguf = gguf_file(folder); !gguf.empty()) return gguf_passed_over(GgufFile::open(gguf));
  const fs::path file = folder / "config.json";
  if (!fs::is_directory(folder, error)) return all;
  if (fs::is_regular_file(file, error)) {
    const Json raw = read_config_file(file);
    add_config(all, raw, read_model_json(folder), layout, file.string());
    if (layout == "llava")
      for (std::string& sentence : passed_over_in(tower_folder(folder, raw), "vision_tower"))
        all.push_back(std::move(sentence));
  }
  add_image_processor_keys(all, folder);
  if (layout == "llava_hf" && !find_image_processor_config(folder))
    all.push_back(
        fmt::format("{}: there is neither processor_config.json nor preprocessor_config.json; pictures are "
                    "prepared as is usual for such a tower.",
                    folder.string()));
  if (layout == "vision_tower") return all;
  add_config_file(all, folder / "tokenizer_config.json", KeyPlace::tokenizer_config);
  add_config_file(all, folder / "generation_config.json", KeyPlace::generation);
  return all;
}

}  // namespace llavakd
