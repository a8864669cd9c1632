// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// The type that losses of this tensor are computed in: float32, or float64 for float64 tensors.
inline at::ScalarType compute_type(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// The tensor in that type; itself if it has it.
inline at::Tensor to_compute_type(const at::Tensor& tensor) {
  return tensor.to(compute_type(tensor));
}

}  // namespace llavakd
