// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/vision_tower.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/kernels/attention.h"
#include "core/kernels/linear.h"
#include "core/model_spec/model_config_vision.h"
#include "core/models/layers.h"
#include "core/models/position_grid.h"

namespace llavakd {

namespace {

/// [images, channels, H, W] -> [images, patches, channels · side · side] in row-major order; a rest at the right and
/// lower edge is left out. A convolution whose windows don't overlap is one product with these.
at::Tensor patches(const at::Tensor& images, int64_t side) {
  const int64_t rows = images.size(2) / side, columns = images.size(3) / side;
  const at::Tensor whole = images.narrow(2, 0, rows * side).narrow(3, 0, columns * side);
  return whole.unflatten(3, {columns, side})
      .unflatten(2, {rows, side})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({images.size(0), rows * columns, -1});
}

/// One forward pass: what every layer needs.
class Tower {
 public:
  Tower(const VisionConfig& config, const TensorMap& parameters, std::string prefix)
      : config_(config),
        traits_(vision_traits(config.model_type)),
        names_(traits_.names),
        parameters_(parameters),
        prefix_(std::move(prefix)) {}

  /// hidden_states[0].
  at::Tensor embed(const at::Tensor& pixel_values) const;
  at::Tensor encoder_layer(int64_t number, const at::Tensor& x) const;

 private:
  std::string named(std::string_view name) const { return prefix_ + std::string(name); }
  at::Tensor attention(const std::string& layer, const at::Tensor& x) const;
  /// Times the layer scale of that name, where the family has it.
  at::Tensor scaled(const std::string& layer, std::string_view name, const at::Tensor& x) const;

  const VisionConfig& config_;
  const VisionTraits& traits_;
  const VisionNames& names_;
  const TensorMap& parameters_;
  std::string prefix_;
};

at::Tensor Tower::embed(const at::Tensor& pixel_values) const {
  const at::Tensor& weight = parameter(parameters_, named(names_.patches) + ".weight");
  const std::optional<at::Tensor> bias =
      traits_.patch_bias ? std::optional(parameter(parameters_, named(names_.patches) + ".bias")) : std::nullopt;
  at::Tensor x =
      llavakd::linear(patches(pixel_values.to(weight.scalar_type()), config_.patch_size), weight.flatten(1), bias);
  if (config_.class_token) {
    const at::Tensor token = parameter(parameters_, named(names_.class_token)).view({1, 1, -1});
    x = at::cat({token.expand({x.size(0), 1, -1}), x}, 1);
  }
  x = x + position_grid(config_, parameter(parameters_, named(names_.positions)));
  return names_.first_norm.empty() ? x : layer_norm(parameters_, named(names_.first_norm), x, config_.layer_norm_eps);
}

at::Tensor Tower::attention(const std::string& layer, const at::Tensor& x) const {
  const auto heads = [&](std::string_view name) {
    return split_heads(linear(parameters_, layer + std::string(name), x), config_.num_attention_heads);
  };
  const at::Tensor attended =
      llavakd::attention(heads(names_.query), heads(names_.key), heads(names_.value), /*causal=*/false);
  return linear(parameters_, layer + std::string(names_.attention_out), merge_heads(attended));
}

at::Tensor Tower::scaled(const std::string& layer, std::string_view name, const at::Tensor& x) const {
  return name.empty() ? x : x * parameter(parameters_, layer + std::string(name));
}

at::Tensor Tower::encoder_layer(int64_t number, const at::Tensor& x) const {
  const std::string layer = fmt::format("{}{}{}.", prefix_, names_.layers, number);
  const auto normed = [&](std::string_view name, const at::Tensor& y) {
    return layer_norm(parameters_, layer + std::string(name), y, config_.layer_norm_eps);
  };
  const at::Tensor after_attention =
      residual_add(x, scaled(layer, names_.attention_scale, attention(layer, normed(names_.attention_norm, x))));
  const at::Tensor inner = activation_inplace(
      config_.hidden_act, linear(parameters_, layer + "mlp.fc1", normed(names_.mlp_norm, after_attention)));
  return residual_add(after_attention, scaled(layer, names_.mlp_scale, linear(parameters_, layer + "mlp.fc2", inner)));
}

}  // namespace

at::Tensor tower_features(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                          const at::Tensor& pixel_values, int64_t layers) {
  const Tower tower(config, parameters, prefix);
  at::Tensor x = tower.embed(pixel_values);
  for (int64_t i = 0; i < layers; ++i) x = tower.encoder_layer(i, x);
  return x;
}

}  // namespace llavakd
