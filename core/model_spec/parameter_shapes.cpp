// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/parameter_shapes.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/model_spec/model_config_language.h"
#include "core/model_spec/model_config_vision.h"

namespace llavakd {

namespace {

void add_linear(ParameterShapes& shapes, const std::string& name, int64_t out, int64_t in, bool bias) {
  shapes[name + ".weight"] = {out, in};
  if (bias) shapes[name + ".bias"] = {out};
}

void add_layer_norm(ParameterShapes& shapes, const std::string& name, int64_t width) {
  shapes[name + ".weight"] = {width};
  shapes[name + ".bias"] = {width};
}

/// A language model's norm: with a bias when it is a LayerNorm.
void add_norm(ParameterShapes& shapes, const LanguageConfig& config, const std::string& name) {
  shapes[name + ".weight"] = {config.hidden_size};
  if (config.norm == NormKind::layer) shapes[name + ".bias"] = {config.hidden_size};
}

/// The attention pooling head (SiglipMultiheadAttentionPoolingHead), which LLaVA doesn't use but checkpoints carry.
void add_pooling_head(ParameterShapes& shapes, const VisionConfig& config, const std::string& name) {
  const int64_t width = config.hidden_size;
  shapes[name + ".probe"] = {1, 1, width};
  shapes[name + ".attention.in_proj_weight"] = {3 * width, width};
  shapes[name + ".attention.in_proj_bias"] = {3 * width};
  add_linear(shapes, name + ".attention.out_proj", width, width, true);
  add_layer_norm(shapes, name + ".layernorm", width);
  add_linear(shapes, name + ".mlp.fc1", config.intermediate_size, width, true);
  add_linear(shapes, name + ".mlp.fc2", width, config.intermediate_size, true);
}

}  // namespace

ParameterShapes vision_parameter_shapes(const VisionConfig& config, const std::string& prefix) {
  ParameterShapes shapes;
  const VisionTraits& traits = vision_traits(config.model_type);
  const VisionNames& names = traits.names;
  const int64_t width = config.hidden_size;
  const auto add = [&](std::string_view name, std::vector<int64_t> shape) {
    if (!name.empty()) shapes[prefix + std::string(name)] = std::move(shape);
  };
  const auto named = [&](std::string_view name) {
    return prefix + std::string(name);
  };
  using Shape = std::vector<int64_t>;
  add(names.class_token, traits.flat_tokens ? Shape{width} : Shape{1, 1, width});
  add(names.mask_token, {1, width});
  const int64_t positions = config.stored_tokens();
  add(names.positions, traits.flat_tokens ? Shape{positions, width} : Shape{1, positions, width});
  shapes[named(names.patches) + ".weight"] = {width, config.num_channels, config.patch_size, config.patch_size};
  if (traits.patch_bias) shapes[named(names.patches) + ".bias"] = {width};
  if (!names.first_norm.empty()) add_layer_norm(shapes, named(names.first_norm), width);
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string layer = fmt::format("{}{}{}.", prefix, names.layers, i);
    for (const std::string_view projection : {names.query, names.key, names.value})
      add_linear(shapes, layer + std::string(projection), width, width, config.qkv_bias);
    add_linear(shapes, layer + std::string(names.attention_out), width, width, true);
    add_layer_norm(shapes, layer + std::string(names.attention_norm), width);
    add_layer_norm(shapes, layer + std::string(names.mlp_norm), width);
    add_linear(shapes, layer + "mlp.fc1", config.intermediate_size, width, true);
    add_linear(shapes, layer + "mlp.fc2", width, config.intermediate_size, true);
    for (const std::string_view scale : {names.attention_scale, names.mlp_scale})
      if (!scale.empty()) shapes[layer + std::string(scale)] = {width};
  }
  add_layer_norm(shapes, named(names.last_norm), width);
  if (config.has_head) add_pooling_head(shapes, config, prefix + "vision_model.head");
  return shapes;
}

namespace {

/// One decoder layer, its names beginning with `layer`.
void add_decoder_layer(ParameterShapes& shapes, const LanguageConfig& config, int64_t number,
                       const std::string& layer) {
  const LanguageNames& names = language_traits(config.model_type).names;
  const LayerSizes sizes = config.layer(number);
  const int64_t width = config.hidden_size, inner = sizes.intermediate;
  const int64_t queries = sizes.heads * config.head_dim, keys = sizes.key_value_heads * config.head_dim;
  const auto linear = [&](std::string_view name, int64_t out, int64_t in, bool bias) {
    if (!name.empty()) add_linear(shapes, layer + std::string(name), out, in, bias);
  };
  const auto norm = [&](std::string_view name) {
    if (!name.empty()) add_norm(shapes, config, layer + std::string(name));
  };
  if (names.fused_attention.empty()) {
    linear(names.query, queries, width, config.qkv_bias);
    linear(names.key, keys, width, config.qkv_bias);
    linear(names.value, keys, width, config.qkv_bias);
  }
  linear(names.fused_attention, queries + 2 * keys, width, config.qkv_bias);
  linear(names.attention_out, width, queries, config.out_bias);
  if (config.qk_norm)
    for (const std::string_view name : {names.query_norm, names.key_norm})
      shapes[layer + std::string(name) + ".weight"] = {config.head_dim};
  if (names.fused_gate.empty()) {
    linear(names.gate, inner, width, config.mlp_bias);
    linear(names.up, inner, width, config.mlp_bias);
  }
  linear(names.fused_gate, 2 * inner, width, config.mlp_bias);
  linear(names.down, width, inner, config.mlp_bias);
  norm(names.attention_norm);
  norm(names.mlp_norm);
}

}  // namespace

ParameterShapes language_parameter_shapes(const LanguageConfig& config, const std::string& prefix) {
  ParameterShapes shapes;
  const LanguageNames& names = language_traits(config.model_type).names;
  shapes[prefix + std::string(names.embedding) + ".weight"] = {config.vocab_size, config.hidden_size};
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    add_decoder_layer(shapes, config, i, fmt::format("{}{}{}.", prefix, names.layers, i));
  add_norm(shapes, config, prefix + std::string(names.final_norm));
  if (!config.tie_word_embeddings) shapes[prefix + "lm_head.weight"] = {config.vocab_size, config.hidden_size};
  if (config.head_bias) shapes[prefix + "lm_head.bias"] = {config.vocab_size};
  return shapes;
}

std::string first_tower_prefix(const ModelConfig& config) {
  return std::string(kVisionPrefix) + (config.second_vision ? "clip." : "");
}

ParameterShapes tower_parameter_shapes(const ModelConfig& config) {
  ParameterShapes shapes = vision_parameter_shapes(config.vision, first_tower_prefix(config));
  if (config.second_vision)
    shapes.merge(vision_parameter_shapes(*config.second_vision, std::string(kSecondTowerPrefix)));
  return shapes;
}

ParameterShapes parameter_shapes(const ModelConfig& config) {
  ParameterShapes shapes = tower_parameter_shapes(config);
  shapes.merge(connector_parameter_shapes(config.connector_type, config.vision.hidden_size, config.language.hidden_size,
                                          std::string(kConnectorPrefix), config.connector));
  shapes.merge(language_parameter_shapes(config.language, std::string(kLanguagePrefix)));
  return shapes;
}

}  // namespace llavakd
