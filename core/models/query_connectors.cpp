// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/query_connectors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/models/layers.h"

namespace llavakd {

namespace {

constexpr int64_t resampler_heads = 8;
constexpr double torch_eps = 1e-5;  // of nn.LayerNorm

/// Attention from each of `x` to all of `seen`, and BERT's dense layer, sum and norm behind it.
at::Tensor bert_attention(const QFormerSizes& sizes, const TensorMap& parameters, const std::string& name,
                          const at::Tensor& x, const at::Tensor& seen) {
  const auto heads = [&](const char* projection, const at::Tensor& from) {
    return split_heads(linear(parameters, name + projection, from), sizes.num_attention_heads);
  };
  const at::Tensor attended =
      at::scaled_dot_product_attention(heads(".self.query", x), heads(".self.key", seen), heads(".self.value", seen));
  return layer_norm(parameters, name + ".output.LayerNorm",
                    linear(parameters, name + ".output.dense", merge_heads(attended)) + x, sizes.layer_norm_eps);
}

/// The latents' attention to features and latents; both are normalised first.
at::Tensor perceiver_attention(const TensorMap& parameters, const std::string& name, const at::Tensor& media,
                               const at::Tensor& latents) {
  const at::Tensor x = layer_norm(parameters, name + ".norm_latents", latents, torch_eps);
  const at::Tensor seen = at::cat({layer_norm(parameters, name + ".norm_media", media, torch_eps), x}, 1);
  const std::vector<at::Tensor> both = linear(parameters, name + ".to_kv", seen).chunk(2, -1);
  const at::Tensor attended =
      at::scaled_dot_product_attention(split_heads(linear(parameters, name + ".to_q", x), resampler_heads),
                                       split_heads(both[0], resampler_heads), split_heads(both[1], resampler_heads));
  return linear(parameters, name + ".to_out", merge_heads(attended));
}

}  // namespace

at::Tensor qformer(const QFormerSizes& sizes, const TensorMap& parameters, const std::string& prefix,
                   const at::Tensor& features) {
  const at::Tensor& queries = parameter(parameters, prefix + ".query_tokens");
  at::Tensor x =
      at::layer_norm(queries, {queries.size(-1)}, {}, {}, sizes.layer_norm_eps).expand({features.size(0), -1, -1});
  for (int64_t i = 0; i < sizes.num_hidden_layers; ++i) {
    const std::string layer = fmt::format("{}.bert.encoder.layer.{}.", prefix, i);
    x = bert_attention(sizes, parameters, layer + "attention", x, x);
    if (i % 2 == 0) x = bert_attention(sizes, parameters, layer + "crossattention", x, features);
    const at::Tensor inner = at::gelu(linear(parameters, layer + "intermediate_query.dense", x));
    x = layer_norm(parameters, layer + "output_query.LayerNorm",
                   linear(parameters, layer + "output_query.dense", inner) + x, sizes.layer_norm_eps);
  }
  return linear(parameters, prefix + ".projector", x);
}

at::Tensor resampler(int64_t layers, const TensorMap& parameters, const std::string& prefix,
                     const at::Tensor& features) {
  const at::Tensor media = linear(parameters, prefix + ".linear", features);
  at::Tensor latents = parameter(parameters, prefix + ".latents").unsqueeze(0).expand({features.size(0), -1, -1});
  for (int64_t i = 0; i < layers; ++i) {
    const std::string attention = fmt::format("{}.layers.{}.0", prefix, i),
                      mlp = fmt::format("{}.layers.{}.1", prefix, i);
    latents = perceiver_attention(parameters, attention, media, latents) + latents;
    const at::Tensor normed = layer_norm(parameters, mlp + ".0", latents, torch_eps);
    latents = linear(parameters, mlp + ".3", at::gelu(linear(parameters, mlp + ".1", normed))) + latents;
  }
  return layer_norm(parameters, prefix + ".norm", latents, torch_eps);
}

}  // namespace llavakd
