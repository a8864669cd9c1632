// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_config_connector.h"
#include "core/model_spec/model_config_language.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

void set_default(Json& object, const char* key, const Json& value) {
  if (!object.contains(key)) object[key] = value;
}

Json one_or_list(const std::vector<int64_t>& ids) {
  return ids.size() == 1 ? Json(ids.front()) : Json(ids);
}

Json object_of(const Json& raw, const char* key) {
  const auto found = raw.find(key);
  return found != raw.end() && found->is_object() ? *found : Json::object();
}

Json language_json(const ModelConfig& config, const std::string& dtype) {
  const LanguageConfig& language = config.language;
  Json json = object_of(config.raw, "text_config");
  json["model_type"] = language.model_type;
  json["hidden_size"] = language.hidden_size;
  json["intermediate_size"] = language.intermediate_size;
  json["num_hidden_layers"] = language.num_hidden_layers;
  json["num_attention_heads"] = language.num_attention_heads;
  json["num_key_value_heads"] = language.num_key_value_heads;
  json["max_position_embeddings"] = language.max_position_embeddings;
  json[norm_eps_key(language.norm)] = language.norm_eps;
  json["rope_theta"] = language.rope_theta;
  json["hidden_act"] = language.hidden_act;
  json["tie_word_embeddings"] = language.tie_word_embeddings;
  json["vocab_size"] = language.vocab_size;
  if (language.head_dim * language.num_attention_heads != language.hidden_size) json["head_dim"] = language.head_dim;
  if (language.bos_token_id) set_default(json, "bos_token_id", *language.bos_token_id);
  if (!language.eos_token_ids.empty()) set_default(json, "eos_token_id", one_or_list(language.eos_token_ids));
  json["torch_dtype"] = dtype;
  if (json.contains("dtype")) json["dtype"] = dtype;
  return json;
}

Json vision_json(const VisionConfig& vision, Json json) {
  json["model_type"] = vision.model_type;
  json["hidden_size"] = vision.hidden_size;
  json["intermediate_size"] = vision.intermediate_size;
  json["num_hidden_layers"] = vision.num_hidden_layers;
  json["num_attention_heads"] = vision.num_attention_heads;
  json["num_channels"] = vision.num_channels;
  json["image_size"] = vision.stored_image_size > 0 ? vision.stored_image_size : vision.image_size;
  json["patch_size"] = vision.patch_size;
  json["layer_norm_eps"] = vision.layer_norm_eps;
  json["hidden_act"] = vision.hidden_act;
  if (!vision.has_head) json["vision_use_head"] = false;
  if (vision.model_type == "dinov2") {
    json["mlp_ratio"] = vision.intermediate_size / vision.hidden_size;
    json["qkv_bias"] = vision.qkv_bias;
  }
  return json;
}

/// What the source's configuration says of its stored weights and no longer holds for what is written: plain weights,
/// and one place that ties the head.
void drop_stored_form(const ModelConfig& config, Json& json) {
  for (const char* key : {"quantization_config", "compression_config", "quantization"}) {
    json.erase(key);
    for (const char* part : {"text_config", "vision_config"}) json[part].erase(key);
  }
  if (json.contains("tie_word_embeddings")) json["tie_word_embeddings"] = config.language.tie_word_embeddings;
  if (config.language.model_type == "openelm")
    json["text_config"]["share_input_output_layers"] = config.language.tie_word_embeddings;
}

/// TinyLLaVA knows a mixture of towers by the beginning of its name.
void write_second_tower(const ModelConfig& config, Json& json) {
  if (!config.second_vision) return;
  set_default(json, "vision_model_name_or_path", "mof:clip");
  set_default(json, "vision_model_name_or_path2", "mof:dinov2");
  json["vision_config2"] = vision_json(*config.second_vision, object_of(config.raw, "vision_config2"));
}

}  // namespace

Json write_model_config(const ModelConfig& config, const std::string& dtype) {
  Json json = config.raw.is_object() ? config.raw : Json::object();
  json["architectures"] = Json::array({"TinyLlavaForConditionalGeneration"});
  json["model_type"] = "tinyllava";
  json["connector_type"] = config.connector_type;
  write_connector_sizes(config, json);
  json["hidden_size"] = config.language.hidden_size;
  set_default(json, "ignore_index", -100);
  json["image_aspect_ratio"] = config.image_aspect_ratio;
  if (!config.conversation_template.empty()) json["conversation_template"] = config.conversation_template;
  set_default(json, "image_token_index", -200);
  json["text_config"] = language_json(config, dtype);
  json["tokenizer_model_max_length"] = config.tokenizer_model_max_length;
  set_default(json, "tokenizer_padding_side", "right");
  set_default(json, "tokenizer_use_fast", false);
  json["torch_dtype"] = dtype;
  if (json.contains("dtype")) json["dtype"] = dtype;
  set_default(json, "tune_type_connector", "full");
  set_default(json, "tune_type_llm", "full");
  set_default(json, "tune_type_vision_tower", "frozen");
  set_default(json, "use_cache", true);
  json["vision_config"] = vision_json(config.vision, object_of(config.raw, "vision_config"));
  write_second_tower(config, json);
  drop_stored_form(config, json);
  json["vision_feature_layer"] = config.vision_feature_layer;
  json["vision_feature_select_strategy"] = config.vision_feature_select_strategy;
  json["vision_hidden_size"] = config.vision.hidden_size;
  json["vocab_size"] = config.language.vocab_size;
  return json;
}

}  // namespace llavakd
