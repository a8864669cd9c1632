// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "core/image/processor.h"

namespace llavakd {

/// Mean and standard deviation of CLIP's images, for red, green and blue in [0, 1] (OPENAI_CLIP_MEAN and _STD of
/// transformers' image_utils.py).
inline constexpr std::array<double, 3> openai_mean{0.48145466, 0.4578275, 0.40821073};
inline constexpr std::array<double, 3> openai_std{0.26862954, 0.26130258, 0.27577711};

/// A side of an image in pixels: a whole number from 1 to `max_image_side`. Throws UserError that begins with
/// `where`.
int image_side(const nlohmann::ordered_json& value, const std::string& where);

/// The processor that an object of Hugging Face's image processors says: preprocessor_config.json, or image_processor
/// of processor_config.json. Keys that it leaves out, or has as null, are the defaults of the class that
/// image_processor_type names (transformers 5.24). `where` begins every message. Throws UserError for what this version
/// can't do and for values that make no sense; keys without a meaning here are passed over
/// (core/model_spec/config_keys.h).
ImageProcessor processor_of_settings(const nlohmann::ordered_json& settings, const std::string& where);

}  // namespace llavakd
