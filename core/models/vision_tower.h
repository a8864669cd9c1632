// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/model_spec/model_config.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// Hidden states of a vision transformer (SigLIP, arXiv 2303.15343; CLIP, 2103.00020; DINOv2, 2304.07193) after
/// `layers` encoder layers, before any final norm: Hugging Face's hidden_states[layers]. Only those layers are
/// computed. What differs between families is in the config and in their VisionTraits. Names begin with `prefix`
/// ("vision_tower._vision_tower."). pixel_values [images, channels, H, W] -> [images, tokens, hidden_size], the class
/// token first where there is one, then the patches in row-major order.
at::Tensor tower_features(const VisionConfig& config, const TensorMap& parameters, const std::string& prefix,
                          const at::Tensor& pixel_values, int64_t layers);

}  // namespace llavakd
