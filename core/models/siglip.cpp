// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/siglip.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/models/layers.h"

namespace llavakd {

namespace {

at::Tensor patch_embeddings(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                            const at::Tensor& pixel_values) {
  const at::Tensor& weight = parameter(parameters, prefix + "patch_embedding.weight");
  const at::Tensor grid = at::conv2d(pixel_values.to(weight.scalar_type()), weight,
                                     parameter(parameters, prefix + "patch_embedding.bias"), config.patch_size);
  return grid.flatten(2).transpose(1, 2) + parameter(parameters, prefix + "position_embedding.weight");
}

at::Tensor attention(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                     const at::Tensor& x) {
  const int64_t heads = config.num_attention_heads;
  const at::Tensor q = split_heads(linear(parameters, prefix + "q_proj", x), heads);
  const at::Tensor k = split_heads(linear(parameters, prefix + "k_proj", x), heads);
  const at::Tensor v = split_heads(linear(parameters, prefix + "v_proj", x), heads);
  return linear(parameters, prefix + "out_proj", merge_heads(at::scaled_dot_product_attention(q, k, v)));
}

at::Tensor encoder_layer(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                         const at::Tensor& x) {
  const double eps = config.layer_norm_eps;
  const at::Tensor middle =
      x + attention(config, parameters, prefix + "self_attn.", layer_norm(parameters, prefix + "layer_norm1", x, eps));
  const at::Tensor inner =
      linear(parameters, prefix + "mlp.fc1", layer_norm(parameters, prefix + "layer_norm2", middle, eps));
  const char* const approximation = config.hidden_act == "gelu_pytorch_tanh" ? "tanh" : "none";
  return middle + linear(parameters, prefix + "mlp.fc2", at::gelu(inner, approximation));
}

}  // namespace

at::Tensor siglip_features(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                           const at::Tensor& pixel_values, int64_t layers) {
  at::Tensor x = patch_embeddings(config, parameters, prefix + "vision_model.embeddings.", pixel_values);
  for (int64_t i = 0; i < layers; ++i)
    x = encoder_layer(config, parameters, fmt::format("{}vision_model.encoder.layers.{}.", prefix, i), x);
  return x;
}

}  // namespace llavakd
