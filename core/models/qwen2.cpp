// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/qwen2.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/models/layers.h"

namespace llavakd {

namespace {

/// Cosines and sines of the angles of some positions, each [tokens, head_dim / 2], float32 (float64 for float64
/// models).
struct Rotation {
  at::Tensor cos, sin;
};

Rotation rotation(const LanguageConfig& config, int64_t first, int64_t tokens, const at::TensorOptions& options) {
  const auto wide = options.dtype(at::kFloat);
  const at::Tensor exponents = at::arange(0, config.head_dim, 2, wide) / static_cast<double>(config.head_dim);
  const at::Tensor frequencies = at::reciprocal(at::pow(config.rope_theta, exponents));
  const at::Tensor angles = at::outer(at::arange(first, first + tokens, wide), frequencies);
  const auto type = options.dtype() == at::kDouble ? at::kDouble : at::kFloat;
  return {angles.cos().to(type), angles.sin().to(type)};
}

/// Several new positions after cached ones: new position i sees everything up to itself.
at::Tensor mask_after(int64_t cached, int64_t tokens, const at::TensorOptions& options) {
  return at::ones({tokens, cached + tokens}, options.dtype(at::kBool)).tril(cached);
}

at::Tensor attention(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                     const at::Tensor& x, const Rotation& turn, KeyValueCache* cache, size_t layer) {
  const int64_t groups = config.num_key_value_heads;
  const auto turned = [&](const char* name, int64_t heads) {
    const at::Tensor y = linear(parameters, prefix + name, x).unflatten(-1, {heads, config.head_dim});
    return rotate(y, turn.cos, turn.sin).transpose(1, 2);
  };
  const at::Tensor q = turned("q_proj", config.num_attention_heads);
  at::Tensor k = turned("k_proj", groups);
  at::Tensor v = split_heads(linear(parameters, prefix + "v_proj", x), groups);
  int64_t cached = 0;
  if (cache) {
    if (cache->keys[layer].defined()) {
      cached = cache->keys[layer].size(2);
      k = at::cat({cache->keys[layer], k}, 2);
      v = at::cat({cache->values[layer], v}, 2);
    }
    cache->keys[layer] = k;
    cache->values[layer] = v;
  }
  const int64_t tokens = x.size(1);
  const bool needs_mask = cached > 0 && tokens > 1;
  const std::optional<at::Tensor> mask =
      needs_mask ? std::optional(mask_after(cached, tokens, x.options())) : std::nullopt;
  const at::Tensor mixed = at::scaled_dot_product_attention(q, k, v, mask, /*dropout_p=*/0.0, /*is_causal=*/cached == 0,
                                                            /*scale=*/std::nullopt,
                                                            /*enable_gqa=*/groups != config.num_attention_heads);
  return linear(parameters, prefix + "o_proj", merge_heads(mixed));
}

at::Tensor swiglu(const TensorMap& parameters, const std::string& prefix, const at::Tensor& x) {
  const at::Tensor gate = at::silu(linear(parameters, prefix + "gate_proj", x));
  return linear(parameters, prefix + "down_proj", gate * linear(parameters, prefix + "up_proj", x));
}

}  // namespace

at::Tensor qwen2_hidden_states(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                               const at::Tensor& embeddings, KeyValueCache* cache) {
  const size_t layers = static_cast<size_t>(config.num_hidden_layers);
  if (cache && cache->keys.empty()) {
    cache->keys.resize(layers);
    cache->values.resize(layers);
  }
  const int64_t first = cache ? cache->length() : 0;
  const Rotation turn = rotation(config, first, embeddings.size(1), embeddings.options().requires_grad(false));
  const double eps = config.rms_norm_eps;
  at::Tensor x = embeddings;
  for (size_t i = 0; i < layers; ++i) {
    const std::string layer = fmt::format("{}model.layers.{}.", prefix, i);
    const at::Tensor calm = rms_norm(x, parameter(parameters, layer + "input_layernorm.weight"), eps);
    x = x + attention(config, parameters, layer + "self_attn.", calm, turn, cache, i);
    x = x + swiglu(parameters, layer + "mlp.",
                   rms_norm(x, parameter(parameters, layer + "post_attention_layernorm.weight"), eps));
  }
  return rms_norm(x, parameter(parameters, prefix + "model.norm.weight"), eps);
}

}  // namespace llavakd
