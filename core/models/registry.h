// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/models/multimodal_model.h"

namespace llavakd {

/// A family of language models: what `model_type` of its config.json says, and its decoder.
struct LanguageFamily {
  std::string_view model_type;
  at::Tensor (*hidden_states)(const LanguageConfig&, const TensorMap&, const std::string& prefix,
                              const at::Tensor& embeddings, const std::vector<int64_t>& lengths, KeyValueCache*,
                              bool recompute);
};

/// A family of vision towers: `model_type`, and the hidden states after some of its layers.
struct TowerFamily {
  std::string_view model_type;
  at::Tensor (*features)(const VisionConfig&, const TensorMap&, const std::string& prefix,
                         const at::Tensor& pixel_values, int64_t layers);
};

/// All families: one line each in registry.cpp (and a row of what differs in core/model_spec/model_config_language.cpp
/// or model_config_vision.cpp).
std::span<const LanguageFamily> language_families();
std::span<const TowerFamily> tower_families();

/// The family of that model_type. Throws UserError that lists the known ones.
const LanguageFamily& language_family(std::string_view model_type);
const TowerFamily& tower_family(std::string_view model_type);

}  // namespace llavakd
