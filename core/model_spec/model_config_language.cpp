// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_config_language.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/errors.h"

namespace llavakd {

namespace {

void refuse_if(const ConfigObject& object, const char* key, const char* what) {
  if (object.boolean(key, false))
    throw UserError(fmt::format("{}: {} is true; this version can't compute {}.", object.where(), key, what));
}

/// Sizes in the order of most config classes.
void sizes(LanguageConfig& config, int64_t vocabulary, int64_t hidden, int64_t intermediate, int64_t layers,
           int64_t heads, int64_t positions) {
  config.vocab_size = vocabulary;
  config.hidden_size = hidden;
  config.intermediate_size = intermediate;
  config.num_hidden_layers = layers;
  config.num_attention_heads = heads;
  config.max_position_embeddings = positions;
}

// Qwen1.5, Qwen2, Qwen2.5: biases on queries, keys and values.
void begin_qwen2(LanguageConfig& config) {
  sizes(config, 151936, 4096, 22016, 32, 32, 32768);
  config.num_key_value_heads = 32;
  config.qkv_bias = true;
}

/// Whether use_sliding_window concerns any layer: `layer_types` says it, or else those from max_window_layers on.
bool any_layer_has_window(const ConfigObject& object, int64_t layers) {
  const auto types = object.json().find("layer_types");
  if (types != object.json().end() && types->is_array())
    return std::ranges::any_of(*types, [](const auto& type) { return type != "full_attention"; });
  return object.integer("max_window_layers", 0, 1 << 30, 28) < layers;
}

void finish_qwen2(const ConfigObject& object, LanguageConfig& config) {
  if (object.boolean("use_sliding_window", false) && !any_layer_has_window(object, config.num_hidden_layers)) return;
  // A window over all positions is none.
  if (object.integer("sliding_window", 1, 1 << 30, 4096) >= config.max_position_embeddings) return;
  refuse_if(object, "use_sliding_window", "attention of some layers through a window");
}

// Qwen3: queries and keys are normalised head by head, and heads have a width of their own.
void begin_qwen3(LanguageConfig& config) {
  sizes(config, 151936, 4096, 22016, 32, 32, 32768);
  config.num_key_value_heads = 32;
  config.head_dim = 128;
  config.qk_norm = true;
}

void finish_qwen3(const ConfigObject& object, LanguageConfig& config) {
  finish_qwen2(object, config);
  config.qkv_bias = config.out_bias = object.boolean("attention_bias", false);
}

// Llama, Vicuna, TinyLlama, SmolLM2.
void begin_llama(LanguageConfig& config) {
  sizes(config, 32000, 4096, 11008, 32, 32, 2048);
}

void finish_llama(const ConfigObject& object, LanguageConfig& config) {
  config.qkv_bias = config.out_bias = object.boolean("attention_bias", false);
  config.mlp_bias = object.boolean("mlp_bias", false);
}

// Mistral, and merges of it: Llama without biases, with a window that null switches off.
void begin_mistral(LanguageConfig& config) {
  sizes(config, 32000, 4096, 14336, 32, 32, 131072);
  config.num_key_value_heads = 8;
}

void finish_mistral(const ConfigObject& object, LanguageConfig& config) {
  const bool by_class = !object.json().contains("sliding_window");
  config.sliding_window = object.integer("sliding_window", 1, 1 << 30, by_class ? 4096 : 0);
}

// Phi-1.5, Phi-2: one LayerNorm before attention and MLP side by side, biases everywhere, also at the head.
void begin_phi(LanguageConfig& config) {
  sizes(config, 51200, 2048, 8192, 24, 32, 2048);
  config.norm = NormKind::layer;
  config.norm_eps = 1e-5;
  config.hidden_act = "gelu_new";
  config.qkv_bias = config.out_bias = config.mlp_bias = config.head_bias = true;
}

void finish_phi(const ConfigObject& object, LanguageConfig&) {
  refuse_if(object, "qk_layernorm", "LayerNorm on queries and keys");
}

// Gemma: inputs times sqrt(hidden_size), norms times 1 + w, a gate through GELU.
void begin_gemma(LanguageConfig& config) {
  sizes(config, 256000, 3072, 24576, 28, 16, 8192);
  config.num_key_value_heads = 16;
  config.head_dim = 256;
  config.norm = NormKind::rms_plus_one;
  config.hidden_act = "gelu_pytorch_tanh";
  config.tie_word_embeddings = true;
  config.scaled_embeddings = true;
}

void finish_gemma(const ConfigObject& object, LanguageConfig& config) {
  config.qkv_bias = config.out_bias = object.boolean("attention_bias", false);
  refuse_if(object, "use_bidirectional_attention", "attention to later positions");
  // First published with hidden_act "gelu" although trained with the tanh form: Hugging Face reads it so since 4.40.
  if (config.hidden_act == "gelu") config.hidden_act = "gelu_pytorch_tanh";
  if (const std::string older = object.text("hidden_activation", config.hidden_act); older != config.hidden_act)
    throw UserError(
        fmt::format("{}: hidden_activation is {}, but hidden_act {}: transformers 4 takes the one, 5 the other. Make "
                    "them equal, as the model was trained.",
                    object.where(), older, config.hidden_act));
}

// Phi-3: Llama with fused matrices and, in the 4k models, a window.
void begin_phi3(LanguageConfig& config) {
  sizes(config, 32064, 3072, 8192, 32, 32, 4096);
  config.norm_eps = 1e-5;
}

void finish_phi3(const ConfigObject& object, LanguageConfig& config) {
  config.sliding_window = object.integer("sliding_window", 1, 1 << 30, 0);
}

// StableLM: LayerNorm, rotary positions on part of a head.
void begin_stablelm(LanguageConfig& config) {
  sizes(config, 50304, 2560, 6912, 32, 32, 4096);
  config.num_key_value_heads = 32;
  config.norm = NormKind::layer;
  config.norm_eps = 1e-5;
}

void finish_stablelm(const ConfigObject& object, LanguageConfig& config) {
  if (config.head_dim != config.hidden_size / config.num_attention_heads)
    throw UserError(fmt::format("{}: head_dim {} isn't hidden_size / num_attention_heads, as this family has it.",
                                object.where(), config.head_dim));
  config.qkv_bias = object.boolean("use_qkv_bias", false);
  refuse_if(object, "qk_layernorm", "LayerNorm on queries and keys");
  refuse_if(object, "use_parallel_residual", "attention and MLP side by side");
}

constexpr LanguageNames phi_names = {.final_norm = "model.final_layernorm",
                                     .mlp_norm = "",
                                     .attention_out = "self_attn.dense",
                                     .gate = "",
                                     .up = "mlp.fc1",
                                     .down = "mlp.fc2"};

constexpr LanguageNames phi3_names = {.fused_attention = "self_attn.qkv_proj", .fused_gate = "mlp.gate_up_proj"};

constexpr LanguageTraits language_families[] = {
    {"qwen2", "Qwen2ForCausalLM", {}, begin_qwen2, finish_qwen2},               // Qwen1.5, Qwen2, Qwen2.5
    {"qwen3", "Qwen3ForCausalLM", {}, begin_qwen3, finish_qwen3},               //
    {"llama", "LlamaForCausalLM", {}, begin_llama, finish_llama},               // Llama, Vicuna, TinyLlama, SmolLM2
    {"mistral", "MistralForCausalLM", {}, begin_mistral, finish_mistral},       //
    {"phi", "PhiForCausalLM", phi_names, begin_phi, finish_phi, 0.5, true},     // Phi-1.5, Phi-2
    {"gemma", "GemmaForCausalLM", {}, begin_gemma, finish_gemma},               //
    {"phi3", "Phi3ForCausalLM", phi3_names, begin_phi3, finish_phi3, 1, true},  //
    {"stablelm", "StableLmForCausalLM", {}, begin_stablelm, finish_stablelm, 0.25, true},             //
    {"openelm", "OpenELMForCausalLM", openelm_names, begin_openelm, finish_openelm, 1, false, true},  //
};

}  // namespace

std::span<const LanguageTraits> language_traits() {
  return language_families;
}

const LanguageTraits& language_traits(std::string_view model_type) {
  for (const LanguageTraits& row : language_families)
    if (row.model_type == model_type) return row;
  throw UserError(fmt::format("The language model type \"{}\" is not supported; known: {}.", model_type,
                              fmt::join(known_language_models(), ", ")));
}

const std::vector<std::string_view>& known_language_models() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const LanguageTraits& row : language_families) all.push_back(row.model_type);
    return all;
  }();
  return names;
}

const char* norm_eps_key(NormKind norm) {
  return norm == NormKind::layer ? "layer_norm_eps" : "rms_norm_eps";
}

}  // namespace llavakd
