// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_config_vision.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/errors.h"

namespace llavakd {

namespace {

void base_sizes(VisionConfig& config, int64_t patch, double eps, const char* activation) {
  config.hidden_size = 768;
  config.intermediate_size = 3072;
  config.num_hidden_layers = 12;
  config.num_attention_heads = 12;
  config.image_size = 224;
  config.patch_size = patch;
  config.layer_norm_eps = eps;
  config.hidden_act = activation;
}

// SigLIP, and SigLIP 2 of fixed resolution: no class token, an additional pooling head.
void begin_siglip(VisionConfig& config) {
  base_sizes(config, 16, 1e-6, "gelu_pytorch_tanh");
}

void finish_siglip(const ConfigObject& object, VisionConfig& config) {
  config.has_head = object.boolean("vision_use_head", true);
}

// CLIP's ViT: a class token and a norm before the first layer.
void begin_clip(VisionConfig& config) {
  base_sizes(config, 32, 1e-5, "quick_gelu");
  config.class_token = true;
}

// DINOv2: a class token and layer scale; the MLP's width is a multiple of the tower's.
void begin_dinov2(VisionConfig& config) {
  base_sizes(config, 14, 1e-6, "gelu");
  config.class_token = true;
}

void finish_dinov2(const ConfigObject& object, VisionConfig& config) {
  if (object.boolean("use_swiglu_ffn", false))
    throw UserError(fmt::format("{}: use_swiglu_ffn is true (the giant model); this version can't compute its MLP.",
                                object.where()));
  config.intermediate_size = config.hidden_size * object.integer("mlp_ratio", 1, 16, 4);
  config.qkv_bias = object.boolean("qkv_bias", true);
}

constexpr VisionNames clip_names = {.class_token = "vision_model.embeddings.class_embedding",
                                    .first_norm = "vision_model.pre_layrnorm"};

constexpr VisionNames dinov2_names = {.class_token = "embeddings.cls_token",
                                      .mask_token = "embeddings.mask_token",
                                      .patches = "embeddings.patch_embeddings.projection",
                                      .positions = "embeddings.position_embeddings",
                                      .last_norm = "layernorm",
                                      .layers = "encoder.layer.",
                                      .attention_norm = "norm1",
                                      .mlp_norm = "norm2",
                                      .query = "attention.attention.query",
                                      .key = "attention.attention.key",
                                      .value = "attention.attention.value",
                                      .attention_out = "attention.output.dense",
                                      .attention_scale = "layer_scale1.lambda1",
                                      .mlp_scale = "layer_scale2.lambda1"};

constexpr VisionTraits vision_families[] = {
    {"siglip_vision_model", "SiglipVisionModel", {}, true, true, begin_siglip, finish_siglip},
    {"clip_vision_model", "CLIPVisionModel", clip_names, false, true, begin_clip, nullptr},
    {"dinov2", "Dinov2Model", dinov2_names, true, false, begin_dinov2, finish_dinov2},
};

}  // namespace

std::span<const VisionTraits> vision_traits() {
  return vision_families;
}

const VisionTraits& vision_traits(std::string_view model_type) {
  for (const VisionTraits& row : vision_families)
    if (row.model_type == model_type) return row;
  throw UserError(fmt::format("The vision tower type \"{}\" is not supported; known: {}.", model_type,
                              fmt::join(known_vision_towers(), ", ")));
}

const std::vector<std::string_view>& known_vision_towers() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const VisionTraits& row : vision_families) all.push_back(row.model_type);
    return all;
  }();
  return names;
}

}  // namespace llavakd
