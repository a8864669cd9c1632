// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/model_spec/model_config.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// The Q-Former (BLIP-2, arXiv 2301.12597) as TinyLLaVA Factory's qformer.py has it: `query_tokens` through a LayerNorm
/// without weights and BERT's layers, of which every other one also attends to the features, then `projector`. BERT's
/// dropout is left out. Names begin with `<prefix>.`; [images, tokens, vision_width] -> [images, queries, hidden].
at::Tensor qformer(const QFormerSizes& sizes, const TensorMap& parameters, const std::string& prefix,
                   const at::Tensor& features);

/// The Perceiver resampler (Flamingo, arXiv 2204.14198) as TinyLLaVA Factory's resampler.py has it: `latents` attend
/// to the features, brought to the language model's width by `linear`, and to themselves; eight heads of 64 numbers.
/// [images, tokens, vision_width] -> [images, latents, hidden].
at::Tensor resampler(int64_t layers, const TensorMap& parameters, const std::string& prefix,
                     const at::Tensor& features);

}  // namespace llavakd
