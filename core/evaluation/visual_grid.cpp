// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/visual_grid.h"

#include <cmath>

namespace llavakd {

VisualGrid visual_grid(const ModelConfig& config) {
  VisualGrid grid;
  if (has_queries(config.connector_type)) return grid;
  grid.rows = grid.columns = config.vision.image_size / config.vision.patch_size;
  grid.tokens_per_patch = config.second_vision ? 2 : 1;
  grid.first_patch = config.vision.patches() - config.visual_tokens() / grid.tokens_per_patch;
  return grid;
}

at::Tensor on_grid(const VisualGrid& grid, const at::Tensor& values) {
  const at::Tensor of_tokens = values.to(at::kFloat).cpu().contiguous();
  if (grid.rows == 0) return of_tokens;
  const at::Tensor patches = at::full({grid.rows * grid.columns}, std::nan(""), at::kFloat);
  for (int64_t token = 0; token < of_tokens.size(0); ++token) {
    const int64_t patch = grid.first_patch + token / grid.tokens_per_patch;
    if (patch < 0 || patch >= patches.size(0)) continue;  // a class token's
    float& sum = patches.data_ptr<float>()[patch];
    sum = (std::isnan(sum) ? 0 : sum) + of_tokens.const_data_ptr<float>()[token];
  }
  return patches.view({grid.rows, grid.columns});
}

}  // namespace llavakd
