// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace llavakd {

/// What the configuration files of a model's folder say that is passed over: config.json with its parts, the tower's
/// of an original LLaVA, preprocessor_config.json, processor_config.json, tokenizer_config.json, generation_config.json
/// (config_keys.h). `layout` is detect_layout's. Throws UserError for a file that isn't a JSON object.
std::vector<std::string> passed_over_in(const std::filesystem::path& folder, const std::string& layout);

}  // namespace llavakd
