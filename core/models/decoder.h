// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/models/decoder_capture.h"
#include "core/models/multimodal_model.h"

namespace llavakd {

/// The decoder that all families share, with final norm (Hugging Face's Qwen2Model, LlamaModel, PhiModel, …): norm,
/// grouped-query causal attention with rotary positions in float32, MLP. What differs between families is in the
/// config and in their LanguageTraits. Names begin with `prefix` ("language_model."). embeddings [S, T, W] -> [S, T,
/// W]; with `lengths` they are samples of those lengths in one row, [1, sum, W], which don't attend to each other.
/// Padding must be on the right: causality alone then keeps it away from real tokens, and no mask is needed. With a
/// cache the new positions follow the cached ones and are added to it. With `recompute` a graph keeps the inputs of the
/// layers only and backward recomputes the rest; no number changes. `capture` is filled where it is given: not with a
/// cache.
at::Tensor decoder_hidden_states(const LanguageConfig& config, const TensorMap& parameters, const std::string& prefix,
                                 const at::Tensor& embeddings, const std::vector<int64_t>& lengths,
                                 KeyValueCache* cache, bool recompute = false, DecoderCapture* capture = nullptr);

}  // namespace llavakd
