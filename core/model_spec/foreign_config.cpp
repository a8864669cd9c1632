// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/foreign_config.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "core/base/errors.h"
#include "core/io/config_json.h"
#include "core/io/image_processor_config.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/gguf_config.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/lora_adapter.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Hugging Face's config classes of whole models know their parts' types where the file leaves them out.
void name_parts(Json& config) {
  const std::string type = text_or_empty(config, "model_type");
  const auto name_part = [&](const char* part, const char* part_type) {
    if (config.contains(part) && config[part].is_object() && !config[part].contains("model_type"))
      config[part]["model_type"] = part_type;
  };
  if (type == "clip" || type == "llava") name_part("vision_config", "clip_vision_model");
  if (type == "siglip") name_part("vision_config", "siglip_vision_model");
  if (type == "llava") name_part("text_config", "llama");
}

/// Whether head and embedding are one matrix. LlavaConfig ties them where either place says so (configuration_llava.py,
/// __post_init__); elsewhere the top counts only where text_config says nothing.
void resolve_tie(Json& config, bool either_place) {
  const auto top = config.find("tie_word_embeddings");
  if (top == config.end() || !config.contains("text_config") || !config["text_config"].is_object()) return;
  Json& text_config = config["text_config"];
  if (either_place ? *top == Json(true) : !text_config.contains("tie_word_embeddings"))
    text_config["tie_word_embeddings"] = *top;
}

/// LlavaConfig's own keys that decide what is computed; everything else is named as TinyLLaVA names it.
Json config_from_llava_hf(const std::string& where, Json config) {
  const ConfigObject root(config, where);
  if (const std::string act = root.text("projector_hidden_act", "gelu"); act != "gelu")
    throw UserError(fmt::format("{}: projector_hidden_act \"{}\" is not supported; known: gelu.", where, act));
  if (!root.boolean("multimodal_projector_bias", true))
    throw UserError(where + ": multimodal_projector_bias is false; connectors without bias are not supported.");
  config["connector_type"] = "mlp2x_gelu";
  if (!root.has("vision_feature_select_strategy")) config["vision_feature_select_strategy"] = "default";
  if (!root.has("vision_feature_layer")) config["vision_feature_layer"] = -2;
  // Ids of this vocabulary; the sequence is built with TinyLLaVA's own placeholder.
  config.erase("image_token_index");
  config.erase("image_token_id");
  return config;
}

/// The language model that an original LLaVA's model_type extends.
std::string language_type(const std::string& model_type) {
  constexpr std::array<std::pair<const char*, const char*>, 5> names{{{"llava", "llama"},
                                                                      {"llava_llama", "llama"},
                                                                      {"llava_qwen", "qwen2"},
                                                                      {"llava_qwen2", "qwen2"},
                                                                      {"llava_phi", "phi"}}};
  for (const auto& [llava, language] : names) {
    if (model_type == llava) return language;
  }
  return model_type.starts_with("llava_") ? model_type.substr(6) : model_type;
}

/// Keys of the original LLaVA's flat config.json (llava/model/llava_arch.py) -> TinyLLaVA's.
Json config_from_llava(const fs::path& folder, const Json& config) {
  const std::string where = config_place(folder);
  const ConfigObject root(config, where);
  refuse_keys(config, {{KeyPlace::llava, KeyPlace::config}, "", where});
  if (root.boolean("mm_use_im_start_end", false))
    throw UserError(where + ": mm_use_im_start_end is true; its extra tokens around a picture are not supported.");
  if (const std::string merge = root.text("mm_patch_merge_type", "flat"); merge != "flat")
    throw UserError(fmt::format("{}: mm_patch_merge_type \"{}\" is not supported; known: flat.", where, merge));
  Json language = Json::object();
  auto& keys = language.get_ref<Json::object_t&>();
  for (const auto& [key, value] : config.items()) {
    // Keys of an object differ already: operator[] would look through all for each.
    if (!key.starts_with("mm_") && key != "architectures") keys.emplace_back(key, value);
  }
  language["model_type"] = language_type(root.text("model_type", ""));
  Json vision = read_config_file(tower_folder(folder, config) / "config.json");
  name_parts(vision);
  if (vision.contains("vision_config")) vision = Json(vision["vision_config"]);
  Json whole{{"text_config", language},
             {"vision_config", vision},
             {"connector_type", root.text("mm_projector_type", "linear")},
             {"vision_feature_layer", root.integer("mm_vision_select_layer", -100000, 100000, -2)},
             {"vision_feature_select_strategy", root.text("mm_vision_select_feature", "patch")},
             {"tokenizer_model_max_length", root.integer("tokenizer_model_max_length", 1, 1 << 30, 2048)},
             {"torch_dtype", root.text("torch_dtype", "")}};
  for (const char* key : {"image_aspect_ratio", "conversation_template", "transformers_version"})
    if (root.has(key)) whole[key] = config[key];
  return whole;
}

}  // namespace

bool is_original_llava(const Json& config) {
  return text_or_empty(config, "model_type").starts_with("llava") && config.contains("mm_vision_tower");
}

std::string without_slashes(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

fs::path find_beside(const fs::path& checkpoint, const std::string& name) {
  const fs::path given(without_slashes(name)), last = given.filename();
  // Without a name of its own it would be the checkpoint itself or what holds it.
  if (last.empty() || last == "." || last == ".." || name.find('\0') != std::string::npos) return {};
  const fs::path own = fs::absolute(checkpoint).lexically_normal();
  const fs::path folder = own.has_filename() ? own : own.parent_path();
  const std::array candidates{given.is_absolute() ? given : folder / given, folder / last, folder.parent_path() / last};
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    if (candidate.lexically_normal() != folder && fs::is_regular_file(candidate / "config.json", error))
      return candidate;
  }
  return {};
}

fs::path tower_folder(const fs::path& checkpoint, const Json& config) {
  const std::string name = without_slashes(text_or_empty(config, "mm_vision_tower"));
  fs::path found = find_beside(checkpoint, name);
  if (!found.empty()) return found;
  throw UserError(
      fmt::format("{}: mm_vision_tower is \"{}\", but that tower is not here. Put its folder (config.json and weights) "
                  "into the checkpoint or next to it, named \"{}\".",
                  config_place(checkpoint), name, fs::path(name).filename().string()));
}

std::string config_place(const fs::path& path) {
  if (const fs::path gguf = gguf_file(path); !gguf.empty()) return gguf.string();
  return (path / "config.json").string();
}

fs::path tokenizer_folder(const fs::path& path) {
  std::error_code error;
  for (const char* name : {"tokenizer.json", "vocab.json", "tokenizer.model", "qwen.tiktoken", kGgufTokenizer}) {
    if (fs::exists(path / name, error)) return path;
  }
  return fs::is_directory(path, error) && has_lora_adapter(path) ? lora_base_folder(path) : path;
}

fs::path image_processor_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  if (fs::is_regular_file(path / "config.json", error)) {
    const Json config = read_config_file(path / "config.json");
    if (!is_original_llava(config)) return path;
    const fs::path tower = tower_folder(path, config);
    return find_image_processor_config(tower) || !find_image_processor_config(path) ? tower : path;
  }
  return has_lora_adapter(path) && !find_image_processor_config(path) ? image_processor_folder(lora_base_folder(path))
                                                                      : path;
}

Json read_model_json(const fs::path& path) {
  if (const fs::path gguf = gguf_file(path); !gguf.empty()) return gguf_config(GgufFile::open(gguf));
  // An adapter alone is a change of its base model, whose configuration it shares.
  std::error_code error;
  if (!fs::exists(path / "config.json", error) && has_lora_adapter(path))
    return read_model_json(lora_base_folder(path));
  Json config = read_config_file(path / "config.json");
  if (is_original_llava(config)) return config_from_llava(path, config);
  name_parts(config);
  resolve_tie(config, text_or_empty(config, "model_type") == "llava");
  if (text_or_empty(config, "model_type") == "llava")
    return config_from_llava_hf(config_place(path), std::move(config));
  return config;
}

}  // namespace llavakd
