// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/checkpoint/tensor_io.h"

namespace llavakd {

/// Tensors of two samples for a student of 4 patches, of which the first has no visual token, and 20 words.
inline TensorMap given_tensors() {
  at::manual_seed(3);
  const auto numbers = [](std::vector<int64_t> values) {
    return at::tensor(values, at::kLong);
  };
  return {{"0.pixel_values", at::randn({1, 3, 8, 8})},      {"0.input_ids", numbers({5, -200, 6, 7, 8})},
          {"0.labels", numbers({-100, -100, -100, 7, 8})},  {"1.pixel_values", at::zeros({1, 3, 8, 8})},
          {"1.input_ids", numbers({1, 2, 3}).to(at::kInt)}, {"1.labels", numbers({-100, 2, 3}).to(at::kInt)}};
}

}  // namespace llavakd
