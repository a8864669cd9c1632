// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>

#include "core/io/gguf.h"

namespace llavakd {

/// The tensor by whose numbers the rotary frequencies of Llama 3.1 and later are divided.
inline constexpr const char* kRopeFactors = "rope_freqs.weight";

/// The metadata of a GGUF language model as the config.json that Hugging Face's class of it has. Architectures: llama
/// (also what llama.cpp writes so: Mistral, and the Qwen2 of a LLaVA, whose queries, keys and values alone have biases
/// and which becomes a qwen2), qwen2, qwen3. Throws UserError that names the file and key: other architectures and
/// kinds of files, parts of a split file, missing sizes, whatever can't be computed.
nlohmann::ordered_json gguf_config(const GgufFile& file);

/// `rope_scaling` of that config.json: null, linear, yarn (as llama.cpp's llama-context.cpp computes it, which is
/// Hugging Face's with an attention_factor), or longrope with one list of factors for kRopeFactors and everything else
/// that has no name in Hugging Face's. `pairs` is half of the rotated part of a head.
nlohmann::ordered_json gguf_rope_scaling(const GgufFile& file, const std::string& architecture, int64_t positions,
                                         int64_t pairs);

}  // namespace llavakd
