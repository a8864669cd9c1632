// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// A SigLIP-type vision tower (config.json of google/siglip-*; `vision_config` of a LLaVA-type checkpoint).
struct VisionConfig {
  std::string model_type = "siglip_vision_model";
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_channels = 3;
  int64_t image_size = 0;
  int64_t patch_size = 0;
  double layer_norm_eps = 1e-6;
  std::string hidden_act = "gelu_pytorch_tanh";
  bool has_head = false;  ///< The file is meant to hold the pooling head (`vision_use_head`); features don't need it.

  int64_t patches() const { return (image_size / patch_size) * (image_size / patch_size); }
};

/// A decoder-only language model (config.json of Qwen2 and its kin; `text_config` of a LLaVA-type checkpoint).
struct LanguageConfig {
  std::string model_type = "qwen2";
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000;
  std::string hidden_act = "silu";
  bool tie_word_embeddings = false;
  std::optional<int64_t> bos_token_id, eos_token_id;
};

/// What config.json says of a whole LLaVA-type model, checked: every size positive, within sane bounds and consistent.
struct ModelConfig {
  VisionConfig vision;
  LanguageConfig language;
  std::string connector_type = "mlp2x_gelu";  ///< mlp2x_gelu (or any mlpNx_gelu), linear or identity.
  int64_t vision_feature_layer = -2;          ///< Index into the tower's hidden states, as in Hugging Face.
  std::string vision_feature_select_strategy =
      "patch";  ///< "patch"/"default" drop the first token, "full"/"cls_patch" keep it.
  std::string image_aspect_ratio = "square";
  int64_t tokenizer_model_max_length = 2048;
  std::string dtype;  ///< `torch_dtype` or `dtype` as the file says it ("bfloat16"); empty when it says nothing.
  nlohmann::ordered_json raw;  ///< The file's own text, so that saving keeps what we don't read.

  /// Tokens that one picture becomes: 729 patches - 1 = 728 for the published checkpoints.
  int64_t visual_tokens() const;

  /// How many layers of the tower must be computed for the features: 26 for layer -2 of 27 layers.
  int64_t tower_layers_used() const;

  /// The select strategy drops the first token of the tower ("patch", "default").
  bool drops_first_token() const;
};

/// What this version can compute; `model_type` of language models and towers. A test keeps it equal to the registry of
/// core/models.
const std::vector<std::string_view>& known_language_models();
const std::vector<std::string_view>& known_vision_towers();

/// Linear layers of a connector type: 2 for mlp2x_gelu, 1 for linear, 0 for identity; nothing for an unknown type.
std::optional<int64_t> connector_layers(std::string_view connector_type);

/// Reads the `vision_config`-like object. `where` names the file and key for messages. Throws UserError.
VisionConfig read_vision_config(const nlohmann::ordered_json& json, const std::string& where);

/// Reads a language model's config.json or `text_config`; accepts flat keys and transformers 5's rope_parameters.
LanguageConfig read_language_config(const nlohmann::ordered_json& json, const std::string& where);

/// Reads config.json of a LLaVA-type checkpoint folder (TinyLLaVA layout). Throws UserError that names file and key.
ModelConfig read_model_config(const std::filesystem::path& checkpoint);

/// A model put together from a language model folder, a vision tower folder and a fresh connector.
ModelConfig compose_model_config(const std::filesystem::path& language_model, const std::filesystem::path& vision_tower,
                                 const std::string& connector_type);

/// The TinyLLaVA config.json for a model (5.2 A of the method notes); keeps unknown keys of `config.raw`.
nlohmann::ordered_json write_model_config(const ModelConfig& config, const std::string& dtype);

}  // namespace llavakd
