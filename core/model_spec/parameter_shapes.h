// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model_spec/model_config.h"

namespace llavakd {

using ParameterShapes = std::map<std::string, std::vector<int64_t>>;

/// Names and shapes of the parameters of a model of this configuration in the TinyLLaVA Hugging Face layout (method
/// notes 5.2 A): `vision_tower._vision_tower.…` (with the pooling head if `vision.has_head`), `connector._connector.…`,
/// `language_model.…` (without lm_head when tied).
ParameterShapes parameter_shapes(const ModelConfig& config);

/// The same of its tower, or of both towers of a mixture (`clip.…` and `dinov2.…` behind the prefix).
ParameterShapes tower_parameter_shapes(const ModelConfig& config);

/// What the names of the model's (first) tower begin with.
std::string first_tower_prefix(const ModelConfig& config);

/// The same of one part, with the prefix in front of each name ("" gives a bare tower's or language model's own names).
ParameterShapes vision_parameter_shapes(const VisionConfig& config, const std::string& prefix);
ParameterShapes language_parameter_shapes(const LanguageConfig& config, const std::string& prefix);
ParameterShapes connector_parameter_shapes(const std::string& type, int64_t vision_width, int64_t hidden,
                                           const std::string& prefix, const ConnectorSizes& sizes = {});

inline constexpr std::string_view kVisionPrefix = "vision_tower._vision_tower.";
inline constexpr std::string_view kSecondTowerPrefix = "vision_tower._vision_tower.dinov2.";
inline constexpr std::string_view kConnectorPrefix = "connector._connector.";
inline constexpr std::string_view kLanguagePrefix = "language_model.";

}  // namespace llavakd
