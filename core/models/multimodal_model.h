// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model_spec/model_config.h"
#include "core/models/decoder_capture.h"
#include "core/models/embedding_lookup.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// Keys and values of all earlier positions, one pair a layer, each [S, kv_heads, positions, head_dim].
struct KeyValueCache {
  std::vector<at::Tensor> keys;
  std::vector<at::Tensor> values;
  int64_t length() const { return keys.empty() || !keys.front().defined() ? 0 : keys.front().size(2); }
};

/// The part of the model that a parameter belongs to: "vision_tower", "connector" or "language_model".
std::string_view part_of(std::string_view parameter_name);

/// Vision tower, connector and language model of a LLaVA-type model (LLaVA-KD, arXiv 2410.16236, section 3).
/// Parameters carry the names of the TinyLLaVA Hugging Face layout: `vision_tower._vision_tower.vision_model.…`,
/// `connector._connector.{0,2}.…`, `language_model.model.…`, `language_model.lm_head.weight` (absent when tied).
/// Stateless but for its parameters: every function may run on several threads at once.
class MultimodalModel {
 public:
  /// Takes the parameters as they are (any float dtype, any device, all on one). Throws UserError that names every
  /// missing, unexpected or wrongly shaped tensor.
  MultimodalModel(ModelConfig config, TensorMap parameters);

  const ModelConfig& config() const { return config_; }
  const TensorMap& parameters() const { return parameters_; }

  /// Tower output of layer `vision_feature_layer`, first token dropped when the select strategy says so; with two
  /// towers the second's tokens follow the first's. pixel_values [images, 3, height, width] -> [images, feature_tokens,
  /// vision_width].
  at::Tensor vision_features(const at::Tensor& pixel_values) const;

  /// [images, feature_tokens, vision_width] -> [images, visual_tokens, W].
  at::Tensor connect(const at::Tensor& features) const;

  /// The decoder's input: token embeddings (scaled where the family does it) with the visual tokens put where input_ids
  /// holds image_token_index, in order of the images. input_ids int64 [S, T], visual [images, visual_tokens, W] (or
  /// undefined) -> [S, T, W]. A sequence may be truncated inside an image:
  /// `visual_counts[i]` positions of image i are used. `collect`: see embedding_lookup().
  at::Tensor embed(const at::Tensor& input_ids, const at::Tensor& visual, const std::vector<int64_t>& visual_counts,
                   const std::shared_ptr<RowGradients>& collect = nullptr) const;

  /// Decoder with final norm. embeddings [S, T, W], padded on the right; `lengths` = real tokens of
  /// each sample (empty: all). Padding isn't computed with, and comes back as zeros. With a cache, the new positions
  /// follow the cached ones (then all lengths are equal). With `recompute` the graph keeps the layers' inputs only:
  /// less memory for one more forward pass, the same bits. `capture` is filled where it is given; nothing of the result
  /// changes.
  at::Tensor hidden_states(const at::Tensor& embeddings, const std::vector<int64_t>& lengths,
                           KeyValueCache* cache = nullptr, bool recompute = false,
                           DecoderCapture* capture = nullptr) const;

  /// [V, W]: the head's weight; the embedding when tied.
  const at::Tensor& head_weight() const;

  /// [V]: what the head adds to the logits (Phi-2); undefined for most families.
  at::Tensor head_bias() const;

  /// [..., W] -> [..., V].
  at::Tensor logits(const at::Tensor& hidden) const;

 private:
  ModelConfig config_;
  TensorMap parameters_;
};

/// Names and shapes that a model of this configuration must have.
std::map<std::string, std::vector<int64_t>> expected_shapes(const ModelConfig& config);

/// Names and shapes that it may have besides: the tower's pooling head, which no feature needs.
std::map<std::string, std::vector<int64_t>> optional_shapes(const ModelConfig& config);

/// A tensor that published files carry and no computation reads: `position_ids`, `rotary_emb.inv_freq`, and the head of
/// a model whose config ties it to the embedding. The constructor drops these.
bool is_leftover(const ModelConfig& config, std::string_view name);

/// Freshly initialised parameters of the connector, float32 (see connector.h), from an own generator with this seed.
/// Used for a new student.
TensorMap initial_connector(const ModelConfig& config, uint64_t seed);

}  // namespace llavakd
