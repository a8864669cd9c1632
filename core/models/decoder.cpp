// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "core/kernels/attention.h"
#include "core/model_spec/model_config_language.h"
#include "core/models/layers.h"
#include "core/models/recompute.h"
#include "core/models/rotary.h"

namespace llavakd {

namespace {

/// One forward pass: what every layer needs.
class Decoder {
 public:
  Decoder(const LanguageConfig& config, const TensorMap& parameters, std::string prefix, std::vector<int64_t> lengths,
          KeyValueCache* cache, DecoderCapture* capture = nullptr)
      : config_(config),
        names_(language_traits(config.model_type).names),
        parameters_(parameters),
        prefix_(std::move(prefix)),
        lengths_(std::move(lengths)),
        cache_(cache),
        capture_(capture) {}

  /// `layer_fn(i, x)` is the output of layer i for the input x.
  using LayerFn = std::function<at::Tensor(size_t, const at::Tensor&)>;
  at::Tensor run(const at::Tensor& embeddings, const LayerFn& layer_fn);
  at::Tensor layer(size_t number, const at::Tensor& x);
  /// Parameters of layer `number` that require a gradient.
  std::vector<at::Tensor> trained(size_t number) const;

 private:
  struct Heads {
    at::Tensor query, key, value;  // [S, T, heads, head_dim]
  };

  std::string layer_prefix(size_t number) const { return fmt::format("{}{}{}.", prefix_, names_.layers, number); }
  at::Tensor norm(const std::string& name, const at::Tensor& x) const;
  Heads project(const std::string& layer, const at::Tensor& x, const LayerSizes& sizes) const;
  /// Rotary positions on the first rotary_dim numbers of each head; [S, T, heads, head_dim] -> [S, heads, T, head_dim].
  at::Tensor rotate_heads(const at::Tensor& heads) const;
  at::Tensor attention(const std::string& layer, const at::Tensor& x, size_t number);
  /// Attention within each sample; [S, T, heads · head_dim].
  at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) const;
  at::Tensor mlp(const std::string& layer, const at::Tensor& x) const;
  RotaryTable rotary_of(const at::Tensor& embeddings) const;
  void keep_state(size_t number, const at::Tensor& x) const;
  /// query, key [S, heads, T, head_dim] of layer `number`, from 0.
  void keep_attention(size_t number, const at::Tensor& query, const at::Tensor& key) const;

  const LanguageConfig& config_;
  const LanguageNames& names_;
  const TensorMap& parameters_;
  std::string prefix_;
  std::vector<int64_t> lengths_;  // Of samples in one row, one after the other; empty: one sample a row.
  KeyValueCache* cache_;
  DecoderCapture* capture_;
  RotaryTable rotary_;
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
  const int64_t queries = sizes.heads, kv_heads = sizes.key_value_heads;
  const auto split = [&](const at::Tensor& y, int64_t heads) {
    return y.unflatten(-1, {heads, config_.head_dim});
  };
  Heads heads;
  if (names_.fused_attention.empty()) {
    heads = {split(linear(parameters_, join(layer, names_.query), x), queries),
             split(linear(parameters_, join(layer, names_.key), x), kv_heads),
             split(linear(parameters_, join(layer, names_.value), x), kv_heads)};
  } else {
    const at::Tensor all = split(linear(parameters_, join(layer, names_.fused_attention), x), queries + 2 * kv_heads);
    heads = {all.narrow(2, 0, queries), all.narrow(2, queries, kv_heads), all.narrow(2, queries + kv_heads, kv_heads)};
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

at::Tensor Decoder::rotate_heads(const at::Tensor& heads) const {
  const int64_t rotary = config_.rotary_dim, rest = config_.head_dim - rotary;
  if (rest == 0) return apply_rotary(heads, rotary_.cos, rotary_.sin).transpose(1, 2);
  const at::Tensor front = apply_rotary(heads.narrow(-1, 0, rotary), rotary_.cos, rotary_.sin);
  return at::cat({front, heads.narrow(-1, rotary, rest)}, -1).transpose(1, 2);
}

at::Tensor Decoder::attention(const std::string& layer, const at::Tensor& x, size_t number) {
  const LayerSizes sizes = config_.layer(static_cast<int64_t>(number));
  const Heads heads = project(layer, x, sizes);
  const at::Tensor q = rotate_heads(heads.query);
  at::Tensor k = rotate_heads(heads.key), v = heads.value.transpose(1, 2);
  if (cache_) {
    at::Tensor &keys = cache_->keys[number], &values = cache_->values[number];
    if (keys.defined()) {
      k = at::cat({keys, k}, 2);
      v = at::cat({values, v}, 2);
    }
    keys = k;
    values = v;
  }
  if (capture_) keep_attention(number, q, k);
  return linear(parameters_, join(layer, names_.attention_out), attend(q, k, v));
}

at::Tensor Decoder::attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) const {
  const auto of_sample = [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    return merge_heads(llavakd::attention(q, k, v, /*causal=*/true, config_.sliding_window));
  };
  if (lengths_.empty()) return of_sample(query, key, value);
  const auto queries = query.split_with_sizes(lengths_, 2), keys = key.split_with_sizes(lengths_, 2);
  const auto values = value.split_with_sizes(lengths_, 2);
  std::vector<at::Tensor> samples;
  for (size_t i = 0; i < lengths_.size(); ++i) samples.push_back(of_sample(queries[i], keys[i], values[i]));
  return at::cat(samples, 1);
}

RotaryTable Decoder::rotary_of(const at::Tensor& embeddings) const {
  const at::TensorOptions options = embeddings.options().requires_grad(false);
  if (lengths_.empty()) return rotary_table(config_, cache_ ? cache_->length() : 0, embeddings.size(1), options);
  // Each sample begins at position 0.
  const RotaryTable longest = rotary_table(config_, 0, *std::ranges::max_element(lengths_), options);
  std::vector<at::Tensor> cos, sin;
  for (const int64_t length : lengths_) {
    cos.push_back(longest.cos.narrow(0, 0, length));
    sin.push_back(longest.sin.narrow(0, 0, length));
  }
  return {at::cat(cos), at::cat(sin)};
}

at::Tensor Decoder::mlp(const std::string& layer, const at::Tensor& x) const {
  const auto linear_of = [&](std::string_view name, const at::Tensor& y) {
    return linear(parameters_, join(layer, name), y);
  };
  if (!names_.fused_gate.empty()) {
    const std::vector<at::Tensor> gate_up = linear_of(names_.fused_gate, x).chunk(2, -1);
    return linear_of(names_.down, glu(config_.hidden_act, gate_up[0], gate_up[1]));
  }
  if (names_.gate.empty())
    return linear_of(names_.down, activation_inplace(config_.hidden_act, linear_of(names_.up, x)));
  return linear_of(names_.down, glu(config_.hidden_act, linear_of(names_.gate, x), linear_of(names_.up, x)));
}

at::Tensor Decoder::layer(size_t number, const at::Tensor& x) {
  const std::string layer = layer_prefix(number);
  at::Tensor hidden_normed = norm(join(layer, names_.attention_norm), x);
  const at::Tensor attended = residual_add(x, attention(layer, hidden_normed, number));
  if (!names_.mlp_norm.empty()) hidden_normed = norm(join(layer, names_.mlp_norm), attended);
  return residual_add(attended, mlp(layer, hidden_normed));
}

void Decoder::keep_state(size_t number, const at::Tensor& x) const {
  if (capture_->keeps(static_cast<int64_t>(number)))
    capture_->states[number] = x[0].slice(0, capture_->begin, capture_->end).detach().clone();
}

void Decoder::keep_attention(size_t number, const at::Tensor& query, const at::Tensor& key) const {
  if (!capture_->keeps(static_cast<int64_t>(number) + 1)) return;
  const auto kept = [&](const at::Tensor& heads, int64_t begin) {
    return heads[0].slice(1, begin, capture_->end).detach().clone(at::MemoryFormat::Contiguous);
  };
  capture_->queries[number + 1] = kept(query, capture_->begin);
  capture_->keys[number + 1] = kept(key, 0);
}

std::vector<at::Tensor> Decoder::trained(size_t number) const {
  const std::string layer = layer_prefix(number);
  std::vector<at::Tensor> found;
  for (auto entry = parameters_.lower_bound(layer); entry != parameters_.end() && entry->first.starts_with(layer);
       ++entry)
    if (entry->second.requires_grad()) found.push_back(entry->second);
  return found;
}

at::Tensor Decoder::run(const at::Tensor& embeddings, const LayerFn& layer_fn) {
  const size_t layers = static_cast<size_t>(config_.num_hidden_layers);
  if (cache_ && cache_->keys.empty()) {
    cache_->keys.resize(layers);
    cache_->values.resize(layers);
  }
  if (capture_)
    for (auto* kept : {&capture_->states, &capture_->queries, &capture_->keys}) kept->assign(layers + 1, {});
  rotary_ = rotary_of(embeddings);
  at::Tensor x = embeddings;
  for (size_t i = 0; i < layers; ++i) {
    if (capture_) keep_state(i, x);
    x = layer_fn(i, x);
  }
  x = norm(join(prefix_, names_.final_norm), x);
  if (capture_) keep_state(layers, x);
  return x;
}

/// A decoder that owns everything it reads, for a graph that outlives the call.
struct OwningDecoder {
  OwningDecoder(const LanguageConfig& of, const TensorMap& all, const std::string& prefix,
                const std::vector<int64_t>& lengths)
      : config(of), parameters(all), decoder(config, parameters, prefix, lengths, nullptr) {}
  LanguageConfig config;
  TensorMap parameters;
  Decoder decoder;
};

}  // namespace

at::Tensor decoder_hidden_states(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                                 const at::Tensor& embeddings, const std::vector<int64_t>& lengths,
                                 KeyValueCache* cache, bool recompute, DecoderCapture* capture) {
  TORCH_CHECK(!capture || !cache, "a pass with a cache isn't captured");
  if (!recompute || cache || capture || !at::GradMode::is_enabled()) {
    Decoder decoder(config, parameters, prefix, lengths, cache, capture);
    return decoder.run(embeddings, [&](size_t i, const at::Tensor& x) { return decoder.layer(i, x); });
  }
  const auto held = std::make_shared<OwningDecoder>(config, parameters, prefix, lengths);
  return held->decoder.run(embeddings, [&](size_t i, const at::Tensor& x) {
    return recomputed([held, i](const at::Tensor& y) { return held->decoder.layer(i, y); }, x,
                      held->decoder.trained(i));
  });
}

}  // namespace llavakd
