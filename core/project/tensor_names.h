// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace llavakd {

/// The name of a stored tensor in the whole model (TinyLLaVA's Hugging Face layout, see parameter_shapes.h). `origin`
/// says what the file is: "tinyllava_hf", "llava_hf", "llava", or one part: "language_model", "vision_tower",
/// "connector". Several tools wrote these files, so prefixes of the whole model may be there already, or be left out;
/// names that fit no rule stay as they are and become faults. What wrappers of the adapter library add
/// ("base_model.model.", ".base_layer") is taken off.
std::string name_in_model(std::string_view origin, std::string_view name);

/// Buffers that old versions of the libraries saved; every model computes them anew.
bool is_leftover_buffer(std::string_view name);

}  // namespace llavakd
