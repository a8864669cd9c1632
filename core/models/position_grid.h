// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// The learned positions of a tower for images of `config.image_size`: [tokens, width]. Where they are stored for
/// another size, the patches' grid is resized bicubically in float32, as Hugging Face's Dinov2Embeddings does; the
/// class token's position stays. `stored` has that many numbers in any shape.
at::Tensor position_grid(const VisionConfig& config, const at::Tensor& stored);

}  // namespace llavakd
