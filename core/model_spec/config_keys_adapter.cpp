// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/config_keys.h"

namespace llavakd {
namespace {

using enum KeyFate;
using enum KeyPlace;

// LoraConfig and PeftConfig of PEFT 0.21.2 (tuners/lora/config.py, config.py) and keys of older versions.
constexpr ConfigKey rows[] = {
    {adapter, "peft_type", read, "only LORA"},
    {adapter, "base_model_name_or_path", read, "the model that it changes"},
    {adapter, "r", read, "the rank"},
    {adapter, "lora_alpha", read, "the update is multiplied by it / rank"},
    {adapter, "use_rslora", read, "by it / the rank's root"},
    {adapter, "rank_pattern", read, "ranks of single modules"},
    {adapter, "alpha_pattern", read, "alphas of single modules"},
    {adapter, "use_dora", read, "whether rows have lengths of their own"},
    {adapter, "bias", read, "biases stand in the file"},
    {adapter, "init_lora_weights", read, "what the beginning took out of the base"},
    {adapter, "modules_to_save", read, "modules that were trained as a copy"},
    {adapter, "target_parameters", read, "parameters that are no layer's weight"},
    {adapter, "trainable_token_indices", read, "single tokens that were trained"},
    {adapter, "ensure_weight_tying", read, "whether copies of tied modules stay tied"},
    {adapter, "use_qalora", refused, "QALoRA; PEFT's merge_and_unload() writes a model that opens", "[false]"},
    {adapter, "use_bdlora", refused, "block-diagonal LoRA; PEFT's merge_and_unload() writes a model that opens",
     "[false, {}]"},
    {adapter, "kasa_config", refused, "KaSA; PEFT's merge_and_unload() writes a model that opens", "[{}]"},
    {adapter, "monteclora_config", refused, "MonteCLoRA; PEFT's merge_and_unload() writes a model that opens", "[{}]"},
    {adapter, "megatron_config", refused, "Megatron's parallel layers; merge the adapter there", "[{}]"},
    {adapter, "layer_replication", refused, "repeated layers; PEFT's merge_and_unload() writes a model that opens",
     "[[]]"},
    {adapter, "alora_invocation_tokens", refused,
     "activated LoRA, which changes some tokens only and has no merged form", "[[]]"},
    {adapter, "arrow_config", refused, "an Arrow router, which chooses for each token and has no merged form", "[{}]"},
    {adapter, "lora_bias", no_effect, "the tensors say it"},
    {adapter, "target_modules", no_effect, "the tensors say it"},
    {adapter, "exclude_modules", no_effect, "the tensors say it"},
    {adapter, "layers_to_transform", no_effect, "the tensors say it"},
    {adapter, "layers_pattern", no_effect, "the tensors say it"},
    {adapter, "fan_in_fan_out", no_effect, "no layer here stores its weight transposed"},
    {adapter, "lora_dropout", no_effect, "for training"},
    {adapter, "velora_config", no_effect, "for training"},
    {adapter, "eva_config", no_effect, "the adapter's beginning alone"},
    {adapter, "corda_config", no_effect, "init_lora_weights says whether it counts"},
    {adapter, "loftq_config", no_effect, "init_lora_weights says whether it counts"},
    {adapter, "lora_ga_config", no_effect, "init_lora_weights says whether it counts"},
    {adapter, "qalora_group_size", no_effect, "use_qalora says whether it counts"},
    {adapter, "megatron_core", no_effect, "megatron_config says whether it counts"},
    {adapter, "runtime_config", no_effect, "how it is computed"},
    {adapter, "inference_mode", no_effect, "how it is computed"},
    {adapter, "task_type", no_effect, "what it is for"},
    {adapter, "auto_mapping", no_effect, "which class wrote it"},
    {adapter, "revision", no_effect, "of the base on the hub"},
    {adapter, "peft_version", no_effect, "which version wrote it"},
    {adapter, "enable_lora", no_effect, "of versions before 0.4"},
    {adapter, "merge_weights", no_effect, "of versions before 0.4"},
};

}  // namespace

std::span<const ConfigKey> adapter_keys() {
  return rows;
}

}  // namespace llavakd
