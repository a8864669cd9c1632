// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/position_grid.h"

#include <ATen/ATen.h>

namespace llavakd {

at::Tensor position_grid(const VisionConfig& config, const at::Tensor& stored) {
  const at::Tensor all = stored.view({config.stored_tokens(), config.hidden_size});
  if (config.stored_tokens() == config.tokens()) return all;
  const int64_t first = config.class_token ? 1 : 0;
  const int64_t from = config.stored_image_size / config.patch_size, to = config.image_size / config.patch_size;
  const at::Tensor grid =
      all.slice(0, first).view({1, from, from, config.hidden_size}).permute({0, 3, 1, 2}).to(at::kFloat);
  const at::Tensor resized = at::upsample_bicubic2d(grid, {to, to}, false)
                                 .to(all.scalar_type())
                                 .permute({0, 2, 3, 1})
                                 .reshape({to * to, config.hidden_size});
  return at::cat({all.slice(0, 0, first), resized});
}

}  // namespace llavakd
