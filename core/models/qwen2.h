// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/models/multimodal_model.h"

namespace llavakd {

/// Decoder of Qwen1.5, Qwen2 and Qwen2.5 with final norm (Hugging Face's Qwen2Model): RMSNorm, rotary positions in
/// float32, grouped-query causal attention with biases on q, k and v, SwiGLU. Names begin with `prefix`
/// ("language_model."). embeddings [samples, tokens, hidden] -> [samples, tokens, hidden].
/// Padding must be on the right: then causality alone keeps it away from real tokens and no mask is needed. With a
/// cache the new positions follow the cached ones and are added to it.
at::Tensor qwen2_hidden_states(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                               const at::Tensor& embeddings, KeyValueCache* cache);

}  // namespace llavakd
