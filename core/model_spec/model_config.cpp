// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/errors.h"
#include "core/io/config_json.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/image_size.h"
#include "core/model_spec/model_config_connector.h"
#include "core/model_spec/model_config_language.h"
#include "core/model_spec/model_config_vision.h"
#include "core/model_spec/other_models.h"
#include "core/text/conversation.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

// Far beyond any published model, and small enough that products of two of them fit in 64 bits.
constexpr int64_t largest_width = 1 << 17;
constexpr int64_t largest_layers = 1024;
constexpr int64_t largest_vocabulary = 1 << 24;

void require_multiple(int64_t value, int64_t divisor, const std::string& what, const std::string& where) {
  if (value % divisor != 0) throw UserError(fmt::format("{}: {} ({} and {}).", where, what, value, divisor));
}

void require_known(const std::string& value, const std::vector<std::string_view>& known, const std::string& what,
                   const std::string& where) {
  if (std::find(known.begin(), known.end(), value) == known.end())
    throw UserError(fmt::format("{}: {} {} is not supported; known: {}.", where, what, type_with_name(value),
                                fmt::join(known, ", ")));
}

std::optional<int64_t> token_id(const ConfigObject& object, const char* key) {
  if (!object.has(key)) return std::nullopt;
  return object.integer(key, -1, largest_vocabulary, 0);
}

void check_attention(const LanguageConfig& config, bool own_head_dim, const std::string& where) {
  if (!own_head_dim)
    require_multiple(config.hidden_size, config.num_attention_heads,
                     "hidden_size is not a multiple of num_attention_heads", where);
  require_multiple(config.num_attention_heads, config.num_key_value_heads,
                   "num_attention_heads is not a multiple of num_key_value_heads", where);
}

/// The layer of the tower that the connector gets; a list of one is that layer.
int64_t feature_layer(const ConfigObject& root, int64_t fallback) {
  const auto found = root.json().find("vision_feature_layer");
  if (found == root.json().end() || !found->is_array())
    return root.integer("vision_feature_layer", -100000, 100000, fallback);
  if (found->size() != 1)
    throw UserError(
        fmt::format("{}: vision_feature_layer lists {} layers, whose features would stand side by side; "
                    "only one is supported.",
                    root.where(), found->size()));
  const Json one{{"vision_feature_layer", found->front()}};
  return ConfigObject(one, root.where()).integer("vision_feature_layer", -100000, 100000, fallback);
}

/// Gemma's image features were multiplied by sqrt(hidden_size) like its words until transformers 5.0; what a file
/// was made with, it says itself.
bool scales_images(const ConfigObject& root) {
  const std::string version = root.text("transformers_version", "");
  const size_t point = std::min(version.find('.'), version.size());
  return point == 0 || (point == 1 && version[0] < '5');
}

void check_feature_layer(const ModelConfig& config, const VisionConfig& tower, const std::string& where) {
  const int64_t layers = tower.num_hidden_layers;
  if (config.vision_feature_layer < -(layers + 1) || config.vision_feature_layer > layers)
    throw UserError(fmt::format("{}: vision_feature_layer {} does not exist; a tower of {} layers has {} to {}.", where,
                                config.vision_feature_layer, layers, -(layers + 1), layers));
}

void check_features(const ModelConfig& config, const std::string& where) {
  check_feature_layer(config, config.vision, where);
  if (config.second_vision) check_feature_layer(config, *config.second_vision, where);
  require_known(config.vision_feature_select_strategy, {"patch", "default", "full", "cls_patch"},
                "vision_feature_select_strategy", where);
  if (config.feature_tokens() < 1)
    throw UserError(
        fmt::format("{}: vision_feature_select_strategy \"{}\" leaves no visual token of {}; \"full\" keeps all.",
                    where, config.vision_feature_select_strategy, config.vision.tokens()));
}

/// A text_config that leaves out hidden_size means Qwen2Config's default; the copy at the top tells a lost key from
/// that.
void check_copy_of_width(const ConfigObject& root, const ConfigObject& text, int64_t hidden_size) {
  if (text.has("hidden_size") || !root.has("hidden_size")) return;
  if (const int64_t outer = root.integer("hidden_size", 1, largest_width, hidden_size); outer != hidden_size)
    throw UserError(fmt::format("{}: text_config.hidden_size is missing ({} by default, but hidden_size says {}).",
                                root.where(), hidden_size, outer));
}

/// Another program's key of that name says nothing of our templates, and keeps no model from opening.
std::string known_template(const Json& config) {
  const std::string name = text_or_empty(config, "conversation_template");
  return std::ranges::find(conversation_templates(), name, &ConversationTemplate::name) ==
                 conversation_templates().end()
             ? ""
             : name;
}

}  // namespace

std::optional<int64_t> connector_layers(std::string_view type) {
  if (type == "identity") return 0;
  if (type == "linear") return 1;
  // mlp1x_gelu … mlp9x_gelu: one digit is all that anybody trains.
  if (type.size() == 10 && type.starts_with("mlp") && type.ends_with("x_gelu") && type[3] >= '1' && type[3] <= '9')
    return type[3] - '0';
  return std::nullopt;
}

bool ModelConfig::drops_first_token() const {
  return vision_feature_select_strategy == "patch" || vision_feature_select_strategy == "default";
}

int64_t ModelConfig::feature_tokens() const {
  return (vision.tokens() - (drops_first_token() ? 1 : 0)) * (second_vision ? 2 : 1);
}

int64_t ModelConfig::visual_tokens() const {
  return has_queries(connector_type) ? connector.num_queries : feature_tokens();
}

int64_t ModelConfig::layers_used(const VisionConfig& tower) const {
  return vision_feature_layer >= 0 ? vision_feature_layer : tower.num_hidden_layers + 1 + vision_feature_layer;
}

VisionConfig read_vision_config(const Json& json, const std::string& where) {
  const ConfigObject object(json, where);
  VisionConfig config;
  config.model_type = object.text("model_type", "siglip_vision_model");
  if (config.model_type == "siglip") config.model_type = "siglip_vision_model";
  require_known(config.model_type, known_vision_towers(), "vision tower type", where);
  refuse_keys(json, {{KeyPlace::vision, KeyPlace::config}, config.model_type, where});
  const VisionTraits& traits = vision_traits(config.model_type);
  traits.begin(config);
  config.hidden_size = object.integer("hidden_size", 1, largest_width, config.hidden_size);
  config.intermediate_size = object.integer("intermediate_size", 1, 1 << 20, config.intermediate_size);
  config.num_hidden_layers = object.integer("num_hidden_layers", 1, largest_layers, config.num_hidden_layers);
  config.num_attention_heads = object.integer("num_attention_heads", 1, 4096, config.num_attention_heads);
  config.num_channels = object.integer("num_channels", 1, 16, 3);
  config.image_size = object.integer("image_size", 1, 8192, config.image_size);
  config.patch_size = object.integer("patch_size", 1, 8192, config.patch_size);
  config.layer_norm_eps = object.number("layer_norm_eps", 0, 1, config.layer_norm_eps);
  config.hidden_act = object.text("hidden_act", config.hidden_act);
  if (traits.finish) traits.finish(object, config);
  require_known(config.hidden_act, {"gelu_pytorch_tanh", "gelu", "quick_gelu"}, "hidden_act", where);
  require_multiple(config.hidden_size, config.num_attention_heads,
                   "hidden_size is not a multiple of num_attention_heads", where);
  if (config.patch_size > config.image_size)
    throw UserError(
        fmt::format("{}: patch_size {} is larger than image_size {}.", where, config.patch_size, config.image_size));
  return config;
}

LanguageConfig read_language_config(const Json& json, const std::string& where) {
  const ConfigObject object(json, where);
  LanguageConfig config;
  config.model_type = object.text("model_type", "");
  if (config.model_type.empty()) throw UserError(where + ": model_type is missing.");
  require_known(config.model_type, known_language_models(), "language model type", where);
  refuse_keys(json, {{KeyPlace::text, KeyPlace::config}, config.model_type, where});
  const LanguageTraits& traits = language_traits(config.model_type);
  traits.begin(config);
  config.vocab_size = object.integer("vocab_size", 1, largest_vocabulary, config.vocab_size);
  config.hidden_size = object.integer("hidden_size", 1, largest_width, config.hidden_size);
  config.intermediate_size = object.integer("intermediate_size", 1, 1 << 20, config.intermediate_size);
  config.num_hidden_layers = object.integer("num_hidden_layers", 1, largest_layers, config.num_hidden_layers);
  config.num_attention_heads = object.integer("num_attention_heads", 1, 4096, config.num_attention_heads);
  // Absent means the number of the config class, if it has one; null means as many as heads.
  const bool by_class = config.num_key_value_heads > 0 && !json.contains("num_key_value_heads");
  const int64_t groups = by_class ? config.num_key_value_heads : config.num_attention_heads;
  config.num_key_value_heads = object.integer("num_key_value_heads", 1, 4096, groups);
  const bool own_head_dim = config.head_dim > 0 || object.has("head_dim");
  const int64_t head_dim = config.head_dim > 0 ? config.head_dim : config.hidden_size / config.num_attention_heads;
  config.head_dim = object.integer("head_dim", 1, 8192, head_dim);
  config.max_position_embeddings =
      object.integer("max_position_embeddings", 1, largest_positions, config.max_position_embeddings);
  config.norm_eps = object.number(norm_eps_key(config.norm), 0, 1, config.norm_eps);
  config.hidden_act = object.text("hidden_act", config.hidden_act);
  config.tie_word_embeddings = object.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.bos_token_id = token_id(object, "bos_token_id");
  config.eos_token_ids = end_tokens(object);
  if (traits.finish) traits.finish(object, config);
  require_known(config.hidden_act, {"silu", "gelu", "gelu_new", "gelu_pytorch_tanh"}, "hidden_act", where);
  check_attention(config, own_head_dim, where);
  read_rope(object, config);
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& checkpoint) {
  const std::filesystem::path file = checkpoint / "config.json";
  ModelConfig config;
  config.raw = read_model_json(checkpoint);
  const ConfigObject root(config.raw, file.string());
  refuse_keys(config.raw, {{KeyPlace::top, KeyPlace::config}, root.text("model_type", ""), root.where()});
  const ConfigObject text = root.child("text_config");
  const ConfigObject vision = root.child("vision_config");
  config.language = read_language_config(text.json(), text.where());
  config.vision = read_vision_config(vision.json(), vision.where());
  set_image_size(config.vision, checkpoint);
  check_copy_of_width(root, text, config.language.hidden_size);
  config.connector_type = root.text("connector_type", "mlp2x_gelu");
  config.vision_feature_layer = feature_layer(root, -2);
  config.vision_feature_select_strategy = root.text("vision_feature_select_strategy", "patch");
  config.has_aspect_ratio = root.has("image_aspect_ratio");
  config.image_aspect_ratio = root.text("image_aspect_ratio", "square");
  require_known(config.image_aspect_ratio, {"square", "pad"}, "image_aspect_ratio", root.where());
  config.conversation_template = known_template(config.raw);
  config.scaled_images = scales_images(root);
  // generate() takes the outer tokens first.
  if (root.has("eos_token_id")) config.language.eos_token_ids = end_tokens(root);
  config.tokenizer_model_max_length = root.integer("tokenizer_model_max_length", 1, largest_positions, 2048);
  config.dtype = root.text("dtype", root.text("torch_dtype", ""));
  config.second_vision = read_second_tower(checkpoint, root, config);
  read_connector_sizes(root, config);
  check_features(config, file.string());
  check_connector(config, file.string());
  return config;
}

namespace {

/// The language model's configuration in a folder of it, or in that of a whole model.
Json language_json_of(const std::filesystem::path& path) {
  Json json = read_model_json(path);
  return json.contains("text_config") && json.contains("vision_config") ? Json(json["text_config"]) : json;
}

/// The tower's part of a model: all of it where the folder is a whole model's.
ModelConfig tower_of(const std::filesystem::path& path) {
  const std::string where = config_place(path);
  ModelConfig config;
  config.raw = read_model_json(path);
  const ConfigObject root(config.raw, where);
  // google/siglip-* and openai/clip-* carry the tower's config inside that of the whole two-tower model.
  const auto inner = root.child_or_null("vision_config");
  config.vision = inner ? read_vision_config(inner->json(), inner->where()) : read_vision_config(config.raw, where);
  set_image_size(config.vision, path);
  config.vision_feature_layer = feature_layer(root, config.vision_feature_layer);
  config.vision_feature_select_strategy =
      root.text("vision_feature_select_strategy", config.vision_feature_select_strategy);
  if (inner) config.second_vision = read_second_tower(path, root, config);
  return config;
}

}  // namespace

ModelConfig compose_model_config(const std::filesystem::path& language_model, const std::filesystem::path& vision_tower,
                                 const std::string& connector_type, int64_t num_queries) {
  const std::string language_file = config_place(language_model);
  const Json language = language_json_of(language_model);
  ModelConfig config = tower_of(vision_tower);
  const Json tower = std::exchange(config.raw, Json::object());
  config.language = read_language_config(language, language_file);
  config.connector_type = connector_type;
  if (num_queries > 0) config.connector.num_queries = num_queries;
  const ConfigObject root(language, language_file);
  config.dtype = root.text("dtype", root.text("torch_dtype", ""));
  const std::string where = fmt::format("{} with {}", language_model.string(), vision_tower.string());
  check_features(config, where);
  check_connector(config, where);
  config.raw["llm_model_name_or_path"] = language_model.filename().string();
  config.raw["vision_model_name_or_path"] = vision_tower.filename().string();
  config.raw["text_config"] = language;
  config.raw["vision_config"] = tower.contains("vision_config") ? Json(tower["vision_config"]) : tower;
  if (!config.second_vision) return config;
  for (const char* key : {"vision_model_name_or_path", "vision_model_name_or_path2", "vision_config2"})
    if (tower.contains(key)) config.raw[key] = tower[key];
  return config;
}

}  // namespace llavakd
