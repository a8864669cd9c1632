// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>

#include "core/base/errors.h"
#include "core/model_spec/model_config_language.h"

namespace llavakd {

namespace {

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

std::vector<double> factors_of(const ConfigObject& object, const char* key) {
  const auto found = object.json().find(key);
  if (found == object.json().end() || !found->is_array())
    throw UserError(fmt::format("{}: {} of RoPE type \"longrope\" must be a list of numbers.", object.where(), key));
  std::vector<double> factors;
  for (const auto& entry : *found) {
    if (!entry.is_number() || !(entry.get<double>() > 0) || !std::isfinite(entry.get<double>()))
      throw UserError(fmt::format("{}: {} must hold positive numbers only.", object.where(), key));
    factors.push_back(entry.get<double>());
  }
  return factors;
}

/// Hugging Face's classes take long_factor for sequences beyond original_max_position_embeddings, then also for what
/// came before. Where both lists are the same nothing depends on that.
void read_longrope(const ConfigObject& object, int64_t positions, int64_t original, RopeScaling& scaling) {
  scaling.type = "longrope";
  scaling.factors = factors_of(object, "short_factor");
  if (factors_of(object, "long_factor") != scaling.factors)
    throw UserError(
        fmt::format("{}: RoPE type \"longrope\" with a long_factor other than its short_factor is not supported: its "
                    "angles depend on the length of the sequence.",
                    object.where()));
  if (original < 2)
    throw UserError(
        fmt::format("{}: original_max_position_embeddings of RoPE type \"longrope\" must be above 1.", object.where()));
  const double ratio = static_cast<double>(positions) / static_cast<double>(original);
  const double factor = object.number("factor", 1e-3, 1e6, ratio);
  const double inferred = factor <= 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(static_cast<double>(original)));
  scaling.attention_factor = object.number("attention_factor", 1e-3, 1e3, inferred);
}

/// `positions` and `original`: how far the model reaches, and how far before it was stretched.
void read_scaling(const ConfigObject& object, const std::string& type, int64_t positions, int64_t original,
                  RopeScaling& scaling) {
  if (type == "longrope" || type == "su") return read_longrope(object, positions, original, scaling);
  if (type != "linear" && type != "dynamic" && type != "llama3" && type != "yarn")
    throw UserError(
        fmt::format("{}: RoPE type \"{}\" is not supported; known: default, linear, dynamic (up to "
                    "max_position_embeddings), llama3, yarn, longrope (of one list of factors).",
                    object.where(), type));
  if (!object.has("factor"))
    throw UserError(fmt::format("{}: factor of RoPE type \"{}\" is missing.", object.where(), type));
  scaling.type = type;
  scaling.factor = object.number("factor", 1e-3, 1e6, 1);
  if (type == "linear" || type == "dynamic") return;
  scaling.original_positions = original;
  if (type == "yarn") return read_yarn(object, scaling);
  scaling.low_frequency_factor = object.number("low_freq_factor", 1e-6, 1e6, 1);
  scaling.high_frequency_factor = object.number("high_freq_factor", 1e-6, 1e6, 4);
  if (scaling.high_frequency_factor <= scaling.low_frequency_factor)
    throw UserError(fmt::format("{}: high_freq_factor must be larger than low_freq_factor.", object.where()));
}

void set_rotary_dim(const ConfigObject& object, LanguageConfig& config, double part) {
  config.rotary_dim = static_cast<int64_t>(static_cast<double>(config.head_dim) * part);
  if (config.rotary_dim < 2 || config.rotary_dim % 2 != 0)
    throw UserError(fmt::format("{}: head_dim {} leaves {} numbers for RoPE, which rotates pairs.", object.where(),
                                config.head_dim, config.rotary_dim));
  if (const size_t factors = config.rope_scaling.factors.size();
      config.rope_scaling.type == "longrope" && factors != static_cast<size_t>(config.rotary_dim / 2))
    throw UserError(fmt::format("{}: short_factor has {} numbers, but RoPE rotates {} pairs.", object.where(), factors,
                                config.rotary_dim / 2));
}

}  // namespace

void read_rope(const ConfigObject& object, LanguageConfig& config) {
  const LanguageTraits& traits = language_traits(config.model_type);
  double part = traits.rotary_part;
  if (traits.own_rope_keys) return set_rotary_dim(object, config, part);
  config.rope_theta = object.number("rope_theta", 1, 1e15, config.rope_theta);
  if (traits.partial_rotary) part = object.number("partial_rotary_factor", 0, 1, part);
  // Hugging Face lets rope_scaling replace rope_parameters where both are given.
  auto inner = object.child_or_null("rope_scaling");
  if (!inner || inner->json().empty()) inner = object.child_or_null("rope_parameters");
  if (inner) {
    config.rope_theta = inner->number("rope_theta", 1, 1e15, config.rope_theta);
    if (traits.partial_rotary) part = inner->number("partial_rotary_factor", 0, 1, part);
    std::string type = inner->text("rope_type", inner->text("type", "default"));
    // Phi3Config takes YaRN's name for that of its own scaling.
    if (config.model_type == "phi3" && type == "yarn") type = "longrope";
    // Where both say it, Hugging Face's classes use the outer one; Phi3Config always has a number there.
    const char* key = "original_max_position_embeddings";
    const int64_t positions = config.max_position_embeddings;
    const int64_t inside = inner->integer(key, 1, largest_positions, positions);
    const int64_t original = object.integer(key, 1, largest_positions, config.model_type == "phi3" ? 4096 : inside);
    if (type != "default") read_scaling(*inner, type, positions, original, config.rope_scaling);
  }
  // The ramp of yarn divides by the base's logarithm.
  if (config.rope_scaling.type == "yarn" && config.rope_theta <= 1)
    throw UserError(fmt::format("{}: rope_theta must be above 1 for RoPE type \"yarn\".", object.where()));
  set_rotary_dim(object, config, part);
}

}  // namespace llavakd
