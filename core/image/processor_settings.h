// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "core/image/processor.h"

namespace llavakd {

/// The processor that an object of Hugging Face's image processors says: preprocessor_config.json, or image_processor
/// of processor_config.json. Keys that it leaves out, or has as null, are the defaults of the class that
/// image_processor_type names (transformers 5.24). `where` begins every message. Throws UserError for what this version
/// can't do and for values that make no sense; keys without a meaning here are passed over
/// (core/project/config_keys.h).
ImageProcessor processor_of_settings(const nlohmann::ordered_json& settings, const std::string& where);

}  // namespace llavakd
