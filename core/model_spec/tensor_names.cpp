// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/tensor_names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace {

std::optional<std::string_view> after(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return name.substr(prefix.size());
}

std::string joined_name(std::string_view prefix, std::string_view rest) {
  return std::string(prefix) += rest;
}

/// Transformers 5 saves SigLIP and CLIP towers without "vision_model."; DINOv2 never has it.
std::string tower_name(std::string_view name) {
  for (const std::string_view inner :
       {"embeddings.patch_embedding.", "embeddings.position_embedding.", "embeddings.class_embedding",
        "embeddings.position_ids", "encoder.layers.", "post_layernorm.", "pre_layrnorm.", "head."}) {
    if (name.starts_with(inner)) return joined_name(joined_name(kVisionPrefix, "vision_model."), name);
  }
  return joined_name(kVisionPrefix, name);
}

/// "model.layers.…" and "lm_head.…" as a language model has them; transformers 5 leaves "model." out inside LLaVA.
std::string language_name(std::string_view name) {
  for (const std::string_view inner : {"layers.", "embed_tokens.", "norm.", "final_layernorm."}) {
    if (name.starts_with(inner)) return joined_name(joined_name(kLanguagePrefix, "model."), name);
  }
  return joined_name(kLanguagePrefix, name);
}

/// LlavaForConditionalGeneration's connector is linear_1, GELU, linear_2.
std::string projector_name(std::string_view name) {
  if (const auto rest = after(name, "linear_1.")) return joined_name(joined_name(kConnectorPrefix, "0."), *rest);
  if (const auto rest = after(name, "linear_2.")) return joined_name(joined_name(kConnectorPrefix, "2."), *rest);
  return joined_name("multi_modal_projector.", name);
}

std::string name_from_llava_hf(std::string_view name) {
  std::string_view inner = name;
  if (const auto rest = after(name, "model.")) inner = *rest;  // transformers 4.52 and later
  if (const auto rest = after(inner, "vision_tower.")) return tower_name(*rest);
  if (const auto rest = after(inner, "multi_modal_projector.")) return projector_name(*rest);
  if (const auto rest = after(inner, "language_model.")) return language_name(*rest);
  if (name.starts_with("lm_head.")) return joined_name(kLanguagePrefix, name);
  return std::string(name);
}

/// The original LLaVA keeps everything inside the language model: model.mm_projector, model.vision_tower.vision_tower.
std::string name_from_llava(std::string_view name) {
  if (const auto rest = after(name, "model.mm_projector.")) return joined_name(kConnectorPrefix, *rest);
  if (const auto rest = after(name, "mm_projector.")) return joined_name(kConnectorPrefix, *rest);
  for (const std::string_view prefix : {"model.vision_tower.vision_tower.", "model.vision_tower."}) {
    if (const auto rest = after(name, prefix)) return tower_name(*rest);
  }
  return language_name(name);
}

std::string from_part(std::string_view part, std::string_view name) {
  const auto behind = [&](std::string_view marker) {
    const size_t at = name.find(marker);
    return at == std::string_view::npos ? name : name.substr(at + marker.size());
  };
  if (part == "connector") return joined_name(kConnectorPrefix, behind("_connector."));
  if (part == "vision_tower") return tower_name(behind("_vision_tower."));
  if (name.starts_with(kLanguagePrefix)) return std::string(name);
  // A class without a head ("Qwen2Model") saves "layers.…".
  return language_name(name);
}

/// What wrappers of a model call the model inside them; no module of a model has such a name.
constexpr std::array<std::string_view, 6> kWrappers{
    "_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module", "base_layer"};

}  // namespace

std::string unwrapped_name(std::string_view stored, std::map<std::string, size_t>* wrappers) {
  const auto count = [&](std::string_view wrapper) {
    if (wrappers) ++(*wrappers)[std::string(wrapper)];
  };
  std::string name;
  bool first = true;
  for (size_t at = 0; at <= stored.size();) {
    const size_t end = std::min(stored.find('.', at), stored.size());
    const std::string_view segment = stored.substr(at, end - at);
    at = end + 1;
    if (at <= stored.size() && std::find(kWrappers.begin(), kWrappers.end(), segment) != kWrappers.end()) {
      count(segment);
      continue;
    }
    if (!first) name += '.';
    name += segment;
    first = false;
  }
  const auto inner = after(name, "base_model.model.");
  if (!inner) return name;
  count("base_model.model");
  return std::string(*inner);
}

std::string name_in_model(std::string_view origin, std::string_view stored) {
  const std::string name = unwrapped_name(stored);
  if (origin == "llava_hf") return name_from_llava_hf(name);
  if (origin == "llava") return name_from_llava(name);
  if (origin == "tinyllava_hf") return name;
  return from_part(origin, name);
}

bool is_leftover_buffer(std::string_view name) {
  for (const std::string_view end :
       {"rotary_emb.inv_freq", "rotary_emb.original_inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached",
        "embeddings.position_ids", "attention.masked_bias", "attn.masked_bias"})
    if (name.ends_with(end)) return true;
  return false;
}

}  // namespace llavakd
