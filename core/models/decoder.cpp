// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/decoder.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "core/models/layers.h"
#include "core/models/rotary.h"
#include "core/project/model_config_language.h"

namespace llavakd {

namespace {

/// One forward pass: what every layer needs.
class Decoder {
 public:
  Decoder(const LanguageConfig& config, const TensorMap& parameters, std::string prefix, KeyValueCache* cache)
      : config_(config),
        names_(language_traits(config.model_type).names),
        parameters_(parameters),
        prefix_(std::move(prefix)),
        cache_(cache) {}

  at::Tensor run(const at::Tensor& embeddings);

 private:
  struct Heads {
    at::Tensor query, key, value;  // [samples, tokens, heads, head_dim]
  };

  at::Tensor norm(const std::string& name, const at::Tensor& x) const;
  Heads project(const std::string& layer, const at::Tensor& x, const LayerSizes& sizes) const;
  /// The first rotary_dim numbers of each head turned; [samples, heads, tokens, head_dim].
  at::Tensor turned(const at::Tensor& heads) const;
  /// Which positions each new one sees; nothing where plain causality says it.
  std::optional<at::Tensor> mask(int64_t cached, const at::Tensor& x) const;
  at::Tensor attention(const std::string& layer, const at::Tensor& x, size_t number);
  at::Tensor mlp(const std::string& layer, const at::Tensor& x) const;

  const LanguageConfig& config_;
  const LanguageNames& names_;
  const TensorMap& parameters_;
  std::string prefix_;
  KeyValueCache* cache_;
  Rotation turn_;
};

std::string join(const std::string& prefix, std::string_view name) {
  return prefix + std::string(name);
}

at::Tensor Decoder::norm(const std::string& name, const at::Tensor& x) const {
  if (config_.norm == NormKind::layer) return layer_norm(parameters_, name, x, config_.norm_eps);
  const at::Tensor& weight = parameter(parameters_, name + ".weight");
  return config_.norm == NormKind::rms ? rms_norm(x, weight, config_.norm_eps)
                                       : rms_norm_plus_one(x, weight, config_.norm_eps);
}

Decoder::Heads Decoder::project(const std::string& layer, const at::Tensor& x, const LayerSizes& sizes) const {
  const int64_t queries = sizes.heads, groups = sizes.key_value_heads;
  const auto split = [&](const at::Tensor& y, int64_t heads) {
    return y.unflatten(-1, {heads, config_.head_dim});
  };
  Heads heads;
  if (names_.fused_attention.empty()) {
    heads = {split(linear(parameters_, join(layer, names_.query), x), queries),
             split(linear(parameters_, join(layer, names_.key), x), groups),
             split(linear(parameters_, join(layer, names_.value), x), groups)};
  } else {
    const at::Tensor all = split(linear(parameters_, join(layer, names_.fused_attention), x), queries + 2 * groups);
    heads = {all.narrow(2, 0, queries), all.narrow(2, queries, groups), all.narrow(2, queries + groups, groups)};
  }
  if (config_.qk_norm) {
    const auto normed = [&](const at::Tensor& y, std::string_view name) {
      return rms_norm(y, parameter(parameters_, join(layer, name) + ".weight"), config_.norm_eps);
    };
    heads.query = normed(heads.query, names_.query_norm);
    heads.key = normed(heads.key, names_.key_norm);
  }
  return heads;
}

at::Tensor Decoder::turned(const at::Tensor& heads) const {
  const int64_t rotary = config_.rotary_dim, rest = config_.head_dim - rotary;
  if (rest == 0) return rotate(heads, turn_.cos, turn_.sin).transpose(1, 2);
  const at::Tensor front = rotate(heads.narrow(-1, 0, rotary), turn_.cos, turn_.sin);
  return at::cat({front, heads.narrow(-1, rotary, rest)}, -1).transpose(1, 2);
}

std::optional<at::Tensor> Decoder::mask(int64_t cached, const at::Tensor& x) const {
  const int64_t tokens = x.size(1), all = cached + tokens, window = config_.sliding_window;
  const bool narrow = window > 0 && all > window;
  if (!narrow && (cached == 0 || tokens == 1)) return std::nullopt;
  const at::Tensor seen = at::ones({tokens, all}, x.options().dtype(at::kBool).requires_grad(false)).tril(cached);
  return narrow ? seen.triu(cached - window + 1) : seen;
}

at::Tensor Decoder::attention(const std::string& layer, const at::Tensor& x, size_t number) {
  const LayerSizes sizes = config_.layer(static_cast<int64_t>(number));
  const Heads heads = project(layer, x, sizes);
  const at::Tensor q = turned(heads.query);
  at::Tensor k = turned(heads.key), v = heads.value.transpose(1, 2);
  int64_t cached = 0;
  if (cache_) {
    at::Tensor &keys = cache_->keys[number], &values = cache_->values[number];
    if (keys.defined()) {
      cached = keys.size(2);
      k = at::cat({keys, k}, 2);
      v = at::cat({values, v}, 2);
    }
    keys = k;
    values = v;
  }
  const std::optional<at::Tensor> seen = mask(cached, x);
  const bool causal = !seen && cached == 0;
  const at::Tensor mixed =
      at::scaled_dot_product_attention(q, k, v, seen, /*dropout_p=*/0.0, causal, /*scale=*/std::nullopt,
                                       /*enable_gqa=*/sizes.key_value_heads != sizes.heads);
  return linear(parameters_, join(layer, names_.attention_out), merge_heads(mixed));
}

at::Tensor Decoder::mlp(const std::string& layer, const at::Tensor& x) const {
  const auto through = [&](std::string_view name, const at::Tensor& y) {
    return linear(parameters_, join(layer, name), y);
  };
  if (!names_.fused_gate.empty()) {
    const std::vector<at::Tensor> both = through(names_.fused_gate, x).chunk(2, -1);
    return through(names_.down, activation(config_.hidden_act, both[0]) * both[1]);
  }
  if (names_.gate.empty()) return through(names_.down, activation(config_.hidden_act, through(names_.up, x)));
  const at::Tensor gate = activation(config_.hidden_act, through(names_.gate, x));
  return through(names_.down, gate * through(names_.up, x));
}

at::Tensor Decoder::run(const at::Tensor& embeddings) {
  const size_t layers = static_cast<size_t>(config_.num_hidden_layers);
  if (cache_ && cache_->keys.empty()) {
    cache_->keys.resize(layers);
    cache_->values.resize(layers);
  }
  turn_ =
      rotation(config_, cache_ ? cache_->length() : 0, embeddings.size(1), embeddings.options().requires_grad(false));
  at::Tensor x = embeddings;
  // Pictures' rows too, as transformers 4.40 did, with which TinyLLaVA trained; rounded to the model's type as there.
  if (config_.scaled_embeddings)
    x = x * at::full({}, std::sqrt(static_cast<double>(config_.hidden_size)), x.options().requires_grad(false));
  for (size_t i = 0; i < layers; ++i) {
    const std::string layer = fmt::format("{}{}{}.", prefix_, names_.layers, i);
    const at::Tensor calm = norm(join(layer, names_.attention_norm), x);
    const at::Tensor attended = x + attention(layer, calm, i);
    const bool parallel = names_.mlp_norm.empty();
    x = attended + mlp(layer, parallel ? calm : norm(join(layer, names_.mlp_norm), attended));
  }
  return norm(join(prefix_, names_.final_norm), x);
}

}  // namespace

at::Tensor decoder_hidden_states(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                                 const at::Tensor& embeddings, KeyValueCache* cache) {
  return Decoder(config, parameters, prefix, cache).run(embeddings);
}

}  // namespace llavakd
