// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/io/config_json.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// Reads the keys that config.connector_type needs: num_queries (qformer, resampler), num_resampler_layers (resampler)
/// and qformer_config (qformer; absent in published files, which mean BERT base). Throws UserError for absent or wrong
/// ones.
void read_connector_sizes(const ConfigObject& root, ModelConfig& config);

/// The same keys, written.
void write_connector_sizes(const ModelConfig& config, nlohmann::ordered_json& json);

/// Throws UserError when the connector is unknown or doesn't fit between tower and language model.
void check_connector(const ModelConfig& config, const std::string& where);

/// The second tower of a mixture (TinyLLaVA Factory, vision_tower/mof.py), or nothing. TinyLLaVA's config.json only
/// names it (`vision_model_name_or_path2`, "mof:facebook/dinov2-large"): its sizes come from `vision_config2`, which
/// our own files have, from the folder of that name in or next to the checkpoint, or from the table of published ones.
/// It sees the images of `config.vision`. Throws UserError.
std::optional<VisionConfig> read_second_tower(const std::filesystem::path& checkpoint, const ConfigObject& root,
                                              const ModelConfig& config);

}  // namespace llavakd
