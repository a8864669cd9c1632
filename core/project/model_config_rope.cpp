// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>

#include "core/project/errors.h"
#include "core/project/model_config_language.h"

namespace llavakd {

namespace {

constexpr int64_t largest_positions = 1 << 30;

/// YaRN's (arXiv 2309.00071, section 3.4) factor for the logits' temperature, as Hugging Face infers it.
double yarn_scale(double factor, double strength) {
  return factor <= 1 ? 1 : 0.1 * strength * std::log(factor) + 1;
}

void read_yarn(const ConfigObject& object, RopeScaling& scaling) {
  scaling.beta_fast = object.number("beta_fast", 1e-3, 1e6, 32);
  scaling.beta_slow = object.number("beta_slow", 1e-3, 1e6, 1);
  scaling.truncate = object.boolean("truncate", true);
  const double strength = object.number("mscale", 0, 1e3, 0), all = object.number("mscale_all_dim", 0, 1e3, 0);
  const double inferred = strength > 0 && all > 0
                              ? yarn_scale(scaling.factor, strength) / yarn_scale(scaling.factor, all)
                              : yarn_scale(scaling.factor, 1);
  scaling.attention_factor = object.number("attention_factor", 1e-3, 1e3, inferred);
}

void read_scaling(const ConfigObject& object, const std::string& type, int64_t positions, RopeScaling& scaling) {
  if (type != "linear" && type != "dynamic" && type != "llama3" && type != "yarn")
    throw UserError(
        fmt::format("{}: RoPE type \"{}\" is not supported; known: default, linear, dynamic (up to "
                    "max_position_embeddings), llama3, yarn.",
                    object.where(), type));
  if (!object.has("factor"))
    throw UserError(fmt::format("{}: factor of RoPE type \"{}\" is missing.", object.where(), type));
  scaling.type = type;
  scaling.factor = object.number("factor", 1e-3, 1e6, 1);
  if (type == "linear" || type == "dynamic") return;
  scaling.original_positions = object.integer("original_max_position_embeddings", 1, largest_positions, positions);
  if (type == "yarn") return read_yarn(object, scaling);
  scaling.low_frequency_factor = object.number("low_freq_factor", 1e-6, 1e6, 1);
  scaling.high_frequency_factor = object.number("high_freq_factor", 1e-6, 1e6, 4);
  if (scaling.high_frequency_factor <= scaling.low_frequency_factor)
    throw UserError(fmt::format("{}: high_freq_factor must be larger than low_freq_factor.", object.where()));
}

}  // namespace

void read_rope(const ConfigObject& object, LanguageConfig& config) {
  double part = language_traits(config.model_type).rotary_part;
  config.rope_theta = object.number("rope_theta", 1, 1e15, config.rope_theta);
  part = object.number("partial_rotary_factor", 0, 1, part);
  // Hugging Face lets rope_scaling replace rope_parameters where both stand.
  auto inner = object.child_or_null("rope_scaling");
  if (!inner || inner->json().empty()) inner = object.child_or_null("rope_parameters");
  if (inner) {
    config.rope_theta = inner->number("rope_theta", 1, 1e15, config.rope_theta);
    part = inner->number("partial_rotary_factor", 0, 1, part);
    const std::string type = inner->text("rope_type", inner->text("type", "default"));
    if (type != "default") read_scaling(*inner, type, config.max_position_embeddings, config.rope_scaling);
  }
  // The ramp of yarn divides by the base's logarithm.
  if (config.rope_scaling.type == "yarn" && config.rope_theta <= 1)
    throw UserError(fmt::format("{}: rope_theta must be above 1 for RoPE type \"yarn\".", object.where()));
  config.rotary_dim = static_cast<int64_t>(static_cast<double>(config.head_dim) * part);
  if (config.rotary_dim < 2 || config.rotary_dim % 2 != 0)
    throw UserError(fmt::format("{}: head_dim {} leaves {} numbers for RoPE, which rotates pairs.", object.where(),
                                config.head_dim, config.rotary_dim));
}

}  // namespace llavakd
