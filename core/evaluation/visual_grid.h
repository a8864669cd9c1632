// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// Where in the picture a model's visual tokens are.
struct VisualGrid {
  int64_t rows = 0, columns = 0;  ///< Patches of the tower; 0 where tokens are queries and have no place.
  /// Raster index of the first visual token's patch: 1 when the first is dropped, -1 for a class token, which has none.
  int64_t first_patch = 0;
  int64_t tokens_per_patch = 1;  ///< 2 with two towers, whose tokens take turns.
};

VisualGrid visual_grid(const ModelConfig& config);

/// Values of the visual tokens [tokens] at their patches, float32 [rows, columns]: the sum where a patch has several
/// tokens, NaN where it has none. Without a place they stay [tokens].
at::Tensor on_grid(const VisualGrid& grid, const at::Tensor& values);

}  // namespace llavakd
