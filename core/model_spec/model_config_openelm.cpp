// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/model_spec/model_config_language.h"

namespace llavakd {

namespace {

/// The list under `key`, one number a layer, each in [least, most].
std::vector<double> one_a_layer(const ConfigObject& object, const char* key, int64_t layers, double least,
                                double most) {
  const auto found = object.json().find(key);
  if (found == object.json().end() || !found->is_array() || static_cast<int64_t>(found->size()) != layers)
    throw UserError(
        fmt::format("{}: {} must be a list of {} numbers, one for each layer.", object.where(), key, layers));
  std::vector<double> numbers;
  for (const auto& value : *found) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= least && number <= most))
      throw UserError(fmt::format("{}: {} must hold numbers of {} to {}.", object.where(), key, least, most));
    numbers.push_back(number);
  }
  return numbers;
}

int64_t heads_of(double number, const char* key, const std::string& where) {
  if (number != std::floor(number)) throw UserError(fmt::format("{}: {} must hold integers.", where, key));
  return static_cast<int64_t>(number);
}

/// The nearest multiple of `divisor`, never below nine tenths of the value (make_divisible of MobileNet).
int64_t divisible(double value, int64_t divisor) {
  const double by = static_cast<double>(divisor);
  const int64_t rounded = std::max(divisor, static_cast<int64_t>(value + by / 2) / divisor * divisor);
  return static_cast<double>(rounded) < 0.9 * value ? rounded + divisor : rounded;
}

}  // namespace

void begin_openelm(LanguageConfig& config) {
  config.vocab_size = 32000;
  config.hidden_size = 2048;
  config.intermediate_size = 8192;
  config.num_hidden_layers = 12;
  config.num_attention_heads = 32;
  config.max_position_embeddings = 2048;
  config.head_dim = 128;
}

/// OpenELM (arXiv 2404.14619): heads and MLP grow with the depth; keys of Apple's configuration_openelm.
void finish_openelm(const ConfigObject& object, LanguageConfig& config) {
  const std::string& where = object.where();
  config.hidden_size = object.integer("model_dim", 1, 1 << 17, config.hidden_size);
  config.num_hidden_layers = object.integer("num_transformer_layers", 1, 1024, config.num_hidden_layers);
  config.max_position_embeddings = object.integer("max_context_length", 1, 1 << 30, config.max_position_embeddings);
  config.rope_theta = object.number("rope_freq_constant", 1, 1e15, 10000);
  config.tie_word_embeddings = object.boolean("share_input_output_layers", true);
  config.qk_norm = object.boolean("normalize_qk_projections", true);
  const std::string activation = object.text("activation_fn_name", "swish");
  if (activation != "swish")
    throw UserError(fmt::format("{}: activation_fn_name \"{}\" is not supported; known: swish.", where, activation));
  config.hidden_act = "silu";  // another name of swish
  if (const std::string norm = object.text("normalization_layer_name", "rms_norm"); norm != "rms_norm")
    throw UserError(fmt::format("{}: normalization_layer_name \"{}\" is not supported; known: rms_norm.", where, norm));
  if (!object.boolean("ffn_with_glu", true))
    throw UserError(fmt::format("{}: ffn_with_glu is false; this version computes the gated form only.", where));
  const int64_t divisor = object.integer("ffn_dim_divisor", 1, 65536, 256);
  const auto queries = one_a_layer(object, "num_query_heads", config.num_hidden_layers, 1, 4096);
  const auto groups = one_a_layer(object, "num_kv_heads", config.num_hidden_layers, 1, 4096);
  const auto multipliers = one_a_layer(object, "ffn_multipliers", config.num_hidden_layers, 1e-3, 64);
  config.own_layers.clear();
  for (size_t i = 0; i < queries.size(); ++i) {
    const LayerSizes sizes = {heads_of(queries[i], "num_query_heads", where),
                              heads_of(groups[i], "num_kv_heads", where),
                              divisible(multipliers[i] * static_cast<double>(config.hidden_size), divisor)};
    if (sizes.heads % sizes.key_value_heads != 0)
      throw UserError(fmt::format("{}: num_query_heads of layer {} is not a multiple of num_kv_heads ({} and {}).",
                                  where, i, sizes.heads, sizes.key_value_heads));
    config.own_layers.push_back(sizes);
  }
  // What a summary shows: the first layer's heads, the widest MLP.
  config.num_attention_heads = config.own_layers.front().heads;
  config.num_key_value_heads = config.own_layers.front().key_value_heads;
  config.intermediate_size = config.own_layers.back().intermediate;
}

}  // namespace llavakd
