// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// xᵀ as a matrix of its own: x [rows, columns] -> [columns, rows]. Own loops for bfloat16 on the CPU, where LibTorch's
/// copy of a transposed view is slow; everything else goes that way.
at::Tensor transposed(const at::Tensor& x);

}  // namespace llavakd
