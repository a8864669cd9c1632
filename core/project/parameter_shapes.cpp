// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/parameter_shapes.h"

#include <fmt/format.h>

#include "core/project/errors.h"

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
  const int64_t width = config.hidden_size;
  const std::string model = prefix + "vision_model.";
  shapes[model + "embeddings.patch_embedding.weight"] = {width, config.num_channels, config.patch_size,
                                                         config.patch_size};
  shapes[model + "embeddings.patch_embedding.bias"] = {width};
  shapes[model + "embeddings.position_embedding.weight"] = {config.patches(), width};
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string layer = fmt::format("{}encoder.layers.{}.", model, i);
    for (const char* projection : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      add_linear(shapes, layer + "self_attn." + projection, width, width, true);
    }
    add_layer_norm(shapes, layer + "layer_norm1", width);
    add_layer_norm(shapes, layer + "layer_norm2", width);
    add_linear(shapes, layer + "mlp.fc1", config.intermediate_size, width, true);
    add_linear(shapes, layer + "mlp.fc2", width, config.intermediate_size, true);
  }
  add_layer_norm(shapes, model + "post_layernorm", width);
  if (config.has_head) add_pooling_head(shapes, config, model + "head");
  return shapes;
}

ParameterShapes language_parameter_shapes(const LanguageConfig& config, const std::string& prefix) {
  ParameterShapes shapes;
  const int64_t width = config.hidden_size;
  const int64_t queries = config.num_attention_heads * config.head_dim;
  const int64_t keys = config.num_key_value_heads * config.head_dim;
  shapes[prefix + "model.embed_tokens.weight"] = {config.vocab_size, width};
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string layer = fmt::format("{}model.layers.{}.", prefix, i);
    add_linear(shapes, layer + "self_attn.q_proj", queries, width, true);
    add_linear(shapes, layer + "self_attn.k_proj", keys, width, true);
    add_linear(shapes, layer + "self_attn.v_proj", keys, width, true);
    add_linear(shapes, layer + "self_attn.o_proj", width, queries, false);
    add_linear(shapes, layer + "mlp.gate_proj", config.intermediate_size, width, false);
    add_linear(shapes, layer + "mlp.up_proj", config.intermediate_size, width, false);
    add_linear(shapes, layer + "mlp.down_proj", width, config.intermediate_size, false);
    shapes[layer + "input_layernorm.weight"] = {width};
    shapes[layer + "post_attention_layernorm.weight"] = {width};
  }
  shapes[prefix + "model.norm.weight"] = {width};
  if (!config.tie_word_embeddings) shapes[prefix + "lm_head.weight"] = {config.vocab_size, width};
  return shapes;
}

ParameterShapes connector_parameter_shapes(const std::string& type, int64_t vision_width, int64_t hidden,
                                           const std::string& prefix) {
  const auto layers = connector_layers(type);
  if (!layers) throw UserError(fmt::format("The connector type \"{}\" is not supported.", type));
  ParameterShapes shapes;
  if (type == "linear") {
    shapes[prefix + "weight"] = {hidden, vision_width};
    shapes[prefix + "bias"] = {hidden};
    return shapes;
  }
  // nn.Sequential(Linear, GELU, Linear, …): the activations take the odd places.
  for (int64_t i = 0; i < *layers; ++i) {
    add_linear(shapes, fmt::format("{}{}", prefix, 2 * i), hidden, i == 0 ? vision_width : hidden, true);
  }
  return shapes;
}

ParameterShapes parameter_shapes(const ModelConfig& config) {
  ParameterShapes shapes = vision_parameter_shapes(config.vision, std::string(kVisionPrefix));
  shapes.merge(connector_parameter_shapes(config.connector_type, config.vision.hidden_size, config.language.hidden_size,
                                          std::string(kConnectorPrefix)));
  shapes.merge(language_parameter_shapes(config.language, std::string(kLanguagePrefix)));
  return shapes;
}

}  // namespace llavakd
