// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/rotary.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/errors.h"

namespace llavakd {

namespace {

at::Tensor llama3(const RopeScaling& scaling, const at::Tensor& frequencies) {
  const double length = static_cast<double>(scaling.original_positions);
  const double low = scaling.low_frequency_factor, high = scaling.high_frequency_factor;
  const at::Tensor turns = frequencies * (length / (2 * std::numbers::pi));  // Over the original length.
  const at::Tensor blend = ((turns - low) / (high - low)).clamp(0, 1);
  return frequencies * blend + frequencies / scaling.factor * (1 - blend);
}

at::Tensor yarn(const LanguageConfig& config, const at::Tensor& frequencies) {
  const RopeScaling& scaling = config.rope_scaling;
  const double dim = static_cast<double>(config.rotary_dim), length = static_cast<double>(scaling.original_positions);
  const auto dimension_of = [&](double rotations) {
    return dim * std::log(length / (rotations * 2 * std::numbers::pi)) / (2 * std::log(config.rope_theta));
  };
  double low = dimension_of(scaling.beta_fast), high = dimension_of(scaling.beta_slow);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dim - 1);
  if (low == high) high += 0.001;
  const at::Tensor places = at::arange(frequencies.size(0), frequencies.options());
  const at::Tensor slow = ((places - low) / (high - low)).clamp(0, 1);
  return frequencies / scaling.factor * slow + frequencies * (1 - slow);
}

}  // namespace

at::Tensor rotary_frequencies(const LanguageConfig& config, const at::TensorOptions& options) {
  const at::Tensor exponents =
      at::arange(0, config.rotary_dim, 2, options.dtype(at::kFloat)) / static_cast<double>(config.rotary_dim);
  const at::Tensor frequencies = at::reciprocal(at::pow(config.rope_theta, exponents));
  if (config.rope_scaling.type == "linear") return frequencies / config.rope_scaling.factor;
  if (config.rope_scaling.type == "llama3") return llama3(config.rope_scaling, frequencies);
  if (config.rope_scaling.type == "yarn") return yarn(config, frequencies);
  if (config.rope_scaling.type == "longrope")
    return frequencies / at::tensor(config.rope_scaling.factors, frequencies.options());
  return frequencies;
}

RotaryTable rotary_table(const LanguageConfig& config, int64_t first, int64_t tokens,
                         const at::TensorOptions& options) {
  if (config.rope_scaling.type == "dynamic" && first + tokens > config.max_position_embeddings)
    throw UserError(
        fmt::format("A sequence of {} tokens is longer than max_position_embeddings ({}). Beyond it RoPE type "
                    "\"dynamic\" takes angles that depend on the sequences before; shorten max_length.",
                    first + tokens, config.max_position_embeddings));
  const at::Tensor positions = at::arange(first, first + tokens, options.dtype(at::kFloat));
  const at::Tensor angles = at::outer(positions, rotary_frequencies(config, options));
  const auto type = options.dtype() == at::kDouble ? at::kDouble : at::kFloat;
  const double factor = config.rope_scaling.attention_factor;
  const auto scaled = [&](const at::Tensor& x) {
    return (factor == 1 ? x : x * factor).to(type);
  };
  return {scaled(angles.cos()), scaled(angles.sin())};
}

}  // namespace llavakd
