// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/registry.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/models/decoder.h"
#include "core/models/vision_tower.h"

namespace llavakd {

namespace {

constexpr LanguageFamily languages[] = {
    {"qwen2", decoder_hidden_states},     // Qwen1.5, Qwen2, Qwen2.5
    {"qwen3", decoder_hidden_states},     //
    {"llama", decoder_hidden_states},     // Llama, Vicuna, TinyLlama, SmolLM2
    {"mistral", decoder_hidden_states},   //
    {"phi", decoder_hidden_states},       // Phi-1.5, Phi-2
    {"gemma", decoder_hidden_states},     //
    {"phi3", decoder_hidden_states},      //
    {"stablelm", decoder_hidden_states},  //
    {"openelm", decoder_hidden_states},   //
};

constexpr TowerFamily towers[] = {
    {"siglip_vision_model", tower_features},  // SigLIP, and SigLIP 2 of fixed resolution
    {"clip_vision_model", tower_features},    //
    {"dinov2", tower_features},               //
};

template <typename Family>
const Family& find(std::span<const Family> families, std::string_view model_type, std::string_view what) {
  std::string known;
  for (const Family& family : families) {
    if (family.model_type == model_type) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.model_type);
  }
  throw UserError(fmt::format("The {} type \"{}\" is not supported; known: {}.", what, model_type, known));
}

}  // namespace

std::span<const LanguageFamily> language_families() {
  return languages;
}
std::span<const TowerFamily> tower_families() {
  return towers;
}

const LanguageFamily& language_family(std::string_view model_type) {
  return find(language_families(), model_type, "language model");
}

const TowerFamily& tower_family(std::string_view model_type) {
  return find(tower_families(), model_type, "vision tower");
}

}  // namespace llavakd
