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

/// A vision transformer (config.json of google/siglip-*, openai/clip-vit-*, facebook/dinov2-*; `vision_config` of a
/// LLaVA-type checkpoint).
struct VisionConfig {
  std::string model_type = "siglip_vision_model";
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_channels = 3;
  int64_t image_size = 0;  ///< Size of the input images in pixels.
  int64_t patch_size = 0;
  int64_t stored_image_size = 0;  ///< What the stored positions are for where it isn't image_size: they are resized.
  double layer_norm_eps = 1e-6;
  std::string hidden_act = "gelu_pytorch_tanh";
  bool has_head = false;  ///< The file is meant to hold the pooling head (`vision_use_head`); features don't need it.
  bool class_token = false;  ///< A learned token comes before the patches (CLIP, DINOv2).
  bool qkv_bias = true;      ///< DINOv2 may do without.

  int64_t patches() const { return (image_size / patch_size) * (image_size / patch_size); }
  /// Length of the tower's sequence: the patches, and the class token where there is one.
  int64_t tokens() const { return patches() + (class_token ? 1 : 0); }
  /// Positions that the file holds.
  int64_t stored_tokens() const {
    const int64_t side = (stored_image_size > 0 ? stored_image_size : image_size) / patch_size;
    return side * side + (class_token ? 1 : 0);
  }
};

/// How a language model normalises: RMSNorm times w (Llama, Qwen), RMSNorm times 1 + w (Gemma), LayerNorm with bias.
enum class NormKind { rms, rms_plus_one, layer };

/// How rotary positions reach beyond the length that the model began with (Hugging Face's `rope_scaling`).
struct RopeScaling {
  std::string type = "default";  ///< default, linear, dynamic, llama3, yarn or longrope.
  double factor = 1;
  int64_t original_positions = 0;                              ///< llama3, yarn: the length that scaling starts from.
  double low_frequency_factor = 1, high_frequency_factor = 4;  ///< llama3
  double beta_fast = 32, beta_slow = 1;                        ///< yarn: rotations at the ends of the ramp.
  double attention_factor = 1;  ///< yarn, longrope: cosines and sines are multiplied by it.
  bool truncate = true;         ///< yarn: ends of the ramp on whole dimensions.
  std::vector<double> factors;  ///< longrope: each pair's frequency is divided by its own.
};

/// Sizes of one decoder layer.
struct LayerSizes {
  int64_t heads = 0, key_value_heads = 0, intermediate = 0;
};

/// A decoder-only language model (config.json of the family; `text_config` of a LLaVA-type checkpoint): sizes, and
/// which of the features apply that families differ in.
struct LanguageConfig {
  std::string model_type = "qwen2";
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  int64_t rotary_dim = 0;  ///< Rotary positions turn the first so many numbers of a head.
  int64_t max_position_embeddings = 0;
  int64_t sliding_window = 0;  ///< A position sees the last so many positions; 0: all.
  double norm_eps = 1e-6;
  double rope_theta = 10000;
  RopeScaling rope_scaling;
  std::string hidden_act = "silu";
  NormKind norm = NormKind::rms;
  bool tie_word_embeddings = false;
  bool qkv_bias = false, out_bias = false;  ///< Attention's projections.
  bool mlp_bias = false;
  bool head_bias = false;              ///< The head adds `lm_head.bias` to the logits.
  bool qk_norm = false;                ///< RMSNorm over each head of queries and keys before the rotary positions.
  bool scaled_embeddings = false;      ///< Words enter the decoder multiplied by sqrt(hidden_size).
  std::vector<LayerSizes> own_layers;  ///< Sizes of each layer where they differ (OpenELM), else empty.
  std::optional<int64_t> bos_token_id;
  std::vector<int64_t> eos_token_ids;  ///< Any of these ends an answer.

  LayerSizes layer(int64_t number) const {
    return own_layers.empty() ? LayerSizes{num_attention_heads, num_key_value_heads, intermediate_size}
                              : own_layers[static_cast<size_t>(number)];
  }
};

/// The Q-Former's (BLIP-2, arXiv 2301.12597) inner sizes. TinyLLaVA takes BERT base's; `qformer_config` says others.
struct QFormerSizes {
  int64_t hidden_size = 768;
  int64_t intermediate_size = 3072;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  double layer_norm_eps = 1e-12;
  bool operator==(const QFormerSizes&) const = default;
};

/// Sizes of connectors that learn queries, each of which becomes a visual token; the defaults are those of TinyLLaVA's
/// arguments.
struct ConnectorSizes {
  int64_t num_queries = 128;
  int64_t num_resampler_layers = 3;
  QFormerSizes qformer;
};

/// What config.json says of a whole LLaVA-type model, checked: every size positive, within sane bounds and consistent.
struct ModelConfig {
  VisionConfig vision;
  /// DINOv2 in addition to the CLIP of `vision`: TinyLLaVA's mixture of towers ("mof", arXiv 2401.06209). It sees the
  /// same images.
  std::optional<VisionConfig> second_vision;
  LanguageConfig language;
  std::string connector_type = "mlp2x_gelu";  ///< One of catalog::connectors(), or any mlpNx_gelu.
  ConnectorSizes connector;
  int64_t vision_feature_layer = -2;  ///< Index into the tower's hidden states, as in Hugging Face.
  std::string vision_feature_select_strategy =
      "patch";  ///< "patch"/"default" drop the first token, "full"/"cls_patch" keep it.
  std::string image_aspect_ratio = "square";
  bool has_aspect_ratio = false;  ///< The file has it, so that it is how the model was trained.
  /// `conversation_template`, which our own models have: what they were trained with. Empty: the file says none of
  /// ours.
  std::string conversation_template;
  /// With scaled_embeddings: visual tokens are multiplied too, as transformers did before 5.0.
  bool scaled_images = true;
  int64_t tokenizer_model_max_length = 2048;
  std::string dtype;  ///< `torch_dtype` or `dtype` as the file says it ("bfloat16"); empty when it says nothing.
  nlohmann::ordered_json raw;  ///< The file's own text, so that saving keeps what we don't read.

  /// Rows of features that one image gives the connector: the selected tokens, of both towers where there are two.
  int64_t feature_tokens() const;

  /// Tokens that one image becomes: 729 patches - 1 = 728 for the published checkpoints; the number of queries of a
  /// connector that has them.
  int64_t visual_tokens() const;

  /// How many layers of the tower must be computed for the features: 26 for layer -2 of 27 layers.
  int64_t tower_layers_used() const { return layers_used(vision); }
  int64_t layers_used(const VisionConfig& tower) const;

  /// The select strategy drops the first token of the tower ("patch", "default").
  bool drops_first_token() const;
};

/// What this version can compute: `model_type` of language models and towers, from the tables of families.
const std::vector<std::string_view>& known_language_models();
const std::vector<std::string_view>& known_vision_towers();

/// Linear layers of a connector that is nothing else: 2 for mlp2x_gelu, 1 for linear, 0 for identity; nothing for
/// other types.
std::optional<int64_t> connector_layers(std::string_view connector_type);

/// The connector's visual tokens are learned queries (qformer, resampler).
bool has_queries(std::string_view connector_type);

/// Reads the `vision_config`-like object. `where` names the file and key for messages. Throws UserError.
VisionConfig read_vision_config(const nlohmann::ordered_json& json, const std::string& where);

/// Reads a language model's config.json or `text_config`; accepts flat keys and transformers 5's rope_parameters.
LanguageConfig read_language_config(const nlohmann::ordered_json& json, const std::string& where);

/// Reads config.json of a LLaVA-type checkpoint folder (TinyLLaVA layout). Throws UserError that names file and key.
ModelConfig read_model_config(const std::filesystem::path& checkpoint);

/// A model put together from a language model folder, a vision tower folder and a fresh connector of that type (with
/// `num_queries` queries if it has any; 0: as many as usual). The folders may be whole models, of which the part is
/// taken; a tower then brings its feature layer, select strategy and aspect ratio along.
ModelConfig compose_model_config(const std::filesystem::path& language_model, const std::filesystem::path& vision_tower,
                                 const std::string& connector_type, int64_t num_queries = 0);

/// The TinyLLaVA config.json for a model (5.2 A of the method notes); keeps unknown keys of `config.raw`.
nlohmann::ordered_json write_model_config(const ModelConfig& config, const std::string& dtype);

}  // namespace llavakd
