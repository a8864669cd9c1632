// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

// Questions about each number of a checkpoint, at the rate of the memory.

/// Whether no number of the tensor is infinite or NaN; any floating type, any device.
bool all_finite(const at::Tensor& x);

/// Whether both have the same numbers, type and shape; the same bits are the same, NaN too.
bool same_numbers(const at::Tensor& a, const at::Tensor& b);

}  // namespace llavakd
