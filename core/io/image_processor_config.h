// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace llavakd {

/// The image processor's object in a model's folder: how its images are prepared.
struct ImageProcessorConfig {
  nlohmann::ordered_json json;
  std::filesystem::path file;
  std::string where;  ///< Begins every message about a key of it.
};

/// `image_processor` of processor_config.json, else preprocessor_config.json, as transformers takes them since 5.0;
/// nothing where the folder has neither. Throws UserError for a file that isn't a JSON object.
std::optional<ImageProcessorConfig> find_image_processor_config(const std::filesystem::path& folder);

}  // namespace llavakd
