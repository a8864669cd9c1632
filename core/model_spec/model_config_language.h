// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <string_view>

#include "core/io/config_json.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// More positions than any model has; more in a file are refused.
inline constexpr int64_t largest_positions = 1 << 30;

/// Where a family keeps its tensors. A layer's names begin with "<layers><number>."; an empty name means one that the
/// family doesn't have.
struct LanguageNames {
  std::string_view embedding = "model.embed_tokens";
  std::string_view layers = "model.layers.";
  std::string_view final_norm = "model.norm";
  std::string_view attention_norm = "input_layernorm";
  std::string_view mlp_norm = "post_attention_layernorm";  ///< Empty: attention and MLP side by side behind one norm.
  std::string_view query = "self_attn.q_proj", key = "self_attn.k_proj", value = "self_attn.v_proj";
  std::string_view fused_attention = "";  ///< Instead: queries, keys and values in one matrix, in this order.
  std::string_view attention_out = "self_attn.o_proj";
  std::string_view query_norm = "self_attn.q_norm", key_norm = "self_attn.k_norm";  ///< With `qk_norm` only.
  std::string_view gate = "mlp.gate_proj";  ///< Empty: an MLP of two layers, act(up) and down.
  std::string_view up = "mlp.up_proj", down = "mlp.down_proj";
  std::string_view fused_gate = "";  ///< Instead of gate and up: both in one matrix, in this order.
};

/// What sets a family of language models apart. A new one is a row in model_config_language.cpp.
struct LanguageTraits {
  std::string_view model_type;
  std::string_view hf_class;  ///< Hugging Face's class, which config.json of an exported part names.
  LanguageNames names;
  /// Features that are always so, and the sizes that Hugging Face's config class takes for absent keys.
  void (*begin)(LanguageConfig&);
  /// Reads the keys of this family alone, when the common ones are read; refuses what can't be computed. May be null.
  void (*finish)(const ConfigObject&, LanguageConfig&);
  double rotary_part = 1;       ///< Share of a head with rotary positions when the file doesn't say it.
  bool partial_rotary = false;  ///< The family reads partial_rotary_factor; others rotate whole heads whatever it says.
  bool own_rope_keys = false;   ///< `finish` has read them; rope_theta and rope_scaling say nothing.
};

// OpenELM's row, of a file of its own: its config.json has other keys than all others.
inline constexpr LanguageNames openelm_names = {.embedding = "transformer.token_embeddings",
                                                .layers = "transformer.layers.",
                                                .final_norm = "transformer.norm",
                                                .attention_norm = "attn_norm",
                                                .mlp_norm = "ffn_norm",
                                                .fused_attention = "attn.qkv_proj",
                                                .attention_out = "attn.out_proj",
                                                .query_norm = "attn.q_norm",
                                                .key_norm = "attn.k_norm",
                                                .down = "ffn.proj_2",
                                                .fused_gate = "ffn.proj_1"};
void begin_openelm(LanguageConfig& config);
void finish_openelm(const ConfigObject& object, LanguageConfig& config);

std::span<const LanguageTraits> language_traits();

/// The row of that family. Throws UserError that lists the known ones.
const LanguageTraits& language_traits(std::string_view model_type);

/// The key of norm_eps in config.json.
const char* norm_eps_key(NormKind norm);

/// Reads `rope_theta` and `rope_scaling`, or transformers 5's `rope_parameters`, into the config, whose
/// max_position_embeddings must be read. Throws UserError for variants that can't be computed.
void read_rope(const ConfigObject& object, LanguageConfig& config);

}  // namespace llavakd
