// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/config_keys.h"

namespace llavakd {
namespace {

using enum KeyFate;

constexpr KeyPlace text = KeyPlace::text, rope = KeyPlace::rope;
constexpr std::string_view all_but_openelm = "!openelm";
constexpr std::string_view fixed_biases = "!llama qwen3 gemma";
constexpr std::string_view partial_rotary = "phi phi3 stablelm";
constexpr std::string_view wholly_turned = "!phi phi3 stablelm";

constexpr ConfigKey rows[] = {
    {text, "model_type", read, "the family"},
    {text, "vocab_size", read, "rows of the embedding"},
    {text, "hidden_size", read, "width", "", all_but_openelm},
    {text, "intermediate_size", read, "width of the MLP", "", all_but_openelm},
    {text, "num_hidden_layers", read, "layers", "", all_but_openelm},
    {text, "num_attention_heads", read, "heads of queries", "", all_but_openelm},
    {text, "num_key_value_heads", read, "heads of keys and values", "", all_but_openelm},
    {text, "head_dim", read, "width of a head"},
    {text, "max_position_embeddings", read, "longest sequence", "", all_but_openelm},
    {text, "rms_norm_eps", read, "RMSNorm's epsilon", "", "!phi stablelm"},
    {text, "layer_norm_eps", read, "LayerNorm's epsilon", "", "phi stablelm"},
    {text, "hidden_act", read, "the MLP's activation", "", all_but_openelm},
    {text, "tie_word_embeddings", read, "the head is the embedding", "", all_but_openelm},
    {text, "bos_token_id", read, "token that begins a text"},
    {text, "eos_token_id", read, "tokens that end an answer"},
    {text, "rope_theta", read, "base of rotary positions", "", all_but_openelm},
    {text, "rope_scaling", read, "rotary positions beyond the first length", "", all_but_openelm},
    {text, "rope_parameters", read, "the same in files of transformers 5", "", all_but_openelm},
    {text, "partial_rotary_factor", read, "share of a head that is turned", "", partial_rotary},
    {text, "partial_rotary_factor", warned, "this family turns whole heads", "[1]", wholly_turned},
    {text, "attention_bias", read, "biases of attention", "", "llama qwen3 gemma"},
    {text, "attention_bias", warned, "this family's biases are fixed", "[false]", fixed_biases},
    {text, "mlp_bias", read, "biases of the MLP", "", "llama"},
    {text, "mlp_bias", warned, "this family's biases are fixed", "[false]", "!llama"},
    {text, "sliding_window", read, "a position sees the last so many", "", "mistral phi3 qwen2 qwen3"},
    {text, "use_sliding_window", read, "whether it counts; of some layers: refused", "", "qwen2 qwen3"},
    {text, "max_window_layers", read, "layers from here on have the window", "", "qwen2 qwen3"},
    {text, "layer_types", read, "which layers have the window", "", "qwen2 qwen3"},
    {text, "use_mrope", refused, "positions in three dimensions", "[false]"},
    {text, "qk_layernorm", read, "only false", "", "phi stablelm"},
    {text, "original_max_position_embeddings", read, "length that scaling starts from, before rope's own", "",
     all_but_openelm},
    {text, "hidden_activation", read, "the older name of hidden_act", "", "gemma"},
    {text, "use_bidirectional_attention", read, "only false", "", "gemma"},
    {text, "use_qkv_bias", read, "biases of queries, keys and values", "", "stablelm"},
    {text, "use_parallel_residual", read, "only false", "", "stablelm"},
    {text, "rope_interleaved", refused, "rotary positions of neighbouring numbers", "[false]"},
    {text, "is_llama_config", no_effect, "the family says it"},
    {text, "max_sequence_length", no_effect, "max_position_embeddings says it"},
    {text, "pretraining_tp", no_effect, "how products were split among devices"},
    {text, "attn_logit_softcapping", warned, "this family has no soft cap"},
    {text, "final_logit_softcapping", warned, "this family has no soft cap"},
    {text, "query_pre_attn_scalar", warned, "this family scales attention by the width of a head"},
    {text, "attention_dropout", warned, "nothing is dropped out while training", "[0]"},
    {text, "resid_pdrop", warned, "nothing is dropped out while training", "[0]"},
    {text, "embd_pdrop", warned, "nothing is dropped out while training", "[0]"},
    {text, "hidden_dropout", warned, "nothing is dropped out while training", "[0]"},
    // OpenELM has keys of its own; the common ones are copies that other programs write.
    {text, "model_dim", read, "width", "", "openelm"},
    {text, "num_transformer_layers", read, "layers", "", "openelm"},
    {text, "max_context_length", read, "longest sequence", "", "openelm"},
    {text, "num_query_heads", read, "heads of queries, layer by layer", "", "openelm"},
    {text, "num_kv_heads", read, "heads of keys and values, layer by layer", "", "openelm"},
    {text, "ffn_multipliers", read, "widths of the MLPs", "", "openelm"},
    {text, "ffn_dim_divisor", read, "widths of the MLPs are multiples of it", "", "openelm"},
    {text, "ffn_with_glu", read, "only true", "", "openelm"},
    {text, "activation_fn_name", read, "only swish", "", "openelm"},
    {text, "normalization_layer_name", read, "only rms_norm", "", "openelm"},
    {text, "normalize_qk_projections", read, "queries and keys are normalised", "", "openelm"},
    {text, "share_input_output_layers", read, "the head is the embedding", "", "openelm"},
    {text, "rope_freq_constant", read, "base of rotary positions", "", "openelm"},
    {text, "hidden_size", no_effect, "model_dim counts", "", "openelm"},
    {text, "num_hidden_layers", no_effect, "num_transformer_layers counts", "", "openelm"},
    {text, "num_attention_heads", no_effect, "num_query_heads counts", "", "openelm"},
    {text, "num_key_value_heads", no_effect, "num_kv_heads counts", "", "openelm"},
    {text, "intermediate_size", no_effect, "ffn_multipliers count", "", "openelm"},
    {text, "max_position_embeddings", no_effect, "max_context_length counts", "", "openelm"},
    {text, "tie_word_embeddings", no_effect, "share_input_output_layers counts", "", "openelm"},
    {text, "hidden_act", no_effect, "activation_fn_name counts", "", "openelm"},
    {text, "rope_theta", no_effect, "rope_freq_constant counts", "", "openelm"},
    {text, "rope_max_length", no_effect, "length of a table of positions", "", "openelm"},
    {text, "qkv_multipliers", no_effect, "num_query_heads counts", "", "openelm"},
    {text, "num_gqa_groups", no_effect, "num_kv_heads counts", "", "openelm"},

    {rope, "rope_type", read, "default, linear, dynamic, llama3, yarn or longrope"},
    {rope, "type", read, "the older name of rope_type"},
    {rope, "rope_theta", read, "base of rotary positions"},
    {rope, "partial_rotary_factor", read, "share of a head that is turned", "", partial_rotary},
    {rope, "partial_rotary_factor", warned, "this family turns whole heads", "[1]", wholly_turned},
    {rope, "factor", read, "how much longer"},
    {rope, "original_max_position_embeddings", read, "length that scaling starts from"},
    {rope, "low_freq_factor", read, "llama3"},
    {rope, "high_freq_factor", read, "llama3"},
    {rope, "beta_fast", read, "yarn"},
    {rope, "beta_slow", read, "yarn"},
    {rope, "mscale", read, "yarn"},
    {rope, "mscale_all_dim", read, "yarn"},
    {rope, "attention_factor", read, "yarn"},
    {rope, "truncate", read, "yarn"},
    {rope, "short_factor", read, "longrope"},
    {rope, "long_factor", read, "longrope; only the same as short_factor"},
};

}  // namespace

std::span<const ConfigKey> language_keys() {
  return rows;
}

}  // namespace llavakd
