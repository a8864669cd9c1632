// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <string_view>

#include "core/io/config_json.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// Where a family of towers keeps its tensors. A layer's names begin with "<layers><number>."; an empty name means one
/// that the family doesn't have.
struct VisionNames {
  std::string_view class_token = "";
  std::string_view mask_token = "";  ///< Carried by files, read by no feature.
  std::string_view patches = "vision_model.embeddings.patch_embedding";
  std::string_view positions = "vision_model.embeddings.position_embedding.weight";
  std::string_view first_norm = "";  ///< Before the first layer.
  std::string_view last_norm = "vision_model.post_layernorm";
  std::string_view layers = "vision_model.encoder.layers.";
  std::string_view attention_norm = "layer_norm1", mlp_norm = "layer_norm2";
  std::string_view query = "self_attn.q_proj", key = "self_attn.k_proj", value = "self_attn.v_proj";
  std::string_view attention_out = "self_attn.out_proj";
  std::string_view attention_scale = "", mlp_scale = "";  ///< Layer scale (arXiv 2103.17239).
};

/// What sets a family of towers apart. A new one is a row in model_config_vision.cpp.
struct VisionTraits {
  std::string_view model_type;
  std::string_view hf_class;  ///< Hugging Face's class, which config.json of an exported part names.
  VisionNames names;
  bool patch_bias = true;   ///< The patches' convolution has one.
  bool flat_tokens = true;  ///< Class token [width] and positions [n, width]; else with a leading 1 each.
  /// Features that are always so, and the sizes that Hugging Face's config class takes for absent keys.
  void (*begin)(VisionConfig&);
  /// Reads the keys of this family alone; refuses what can't be computed. May be null.
  void (*finish)(const ConfigObject&, VisionConfig&);
};

std::span<const VisionTraits> vision_traits();

/// The row of that family. Throws UserError that lists the known ones.
const VisionTraits& vision_traits(std::string_view model_type);

}  // namespace llavakd
