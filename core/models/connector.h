// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/models/tensor_map.h"

namespace llavakd {

/// LLaVA's projector as TinyLLaVA Factory builds it: `mlpNx_gelu` is N linear layers with an exact (erf) GELU between
/// them, numbered 0, 2, 4, … as nn.Sequential does; `linear` one layer named without a number; `identity` nothing.
/// Names begin with `prefix` ("connector._connector"). [..., vision_width] -> [..., hidden].
at::Tensor connector_forward(const std::string& type, const TensorMap& parameters, const std::string& prefix,
                             const at::Tensor& features);

}  // namespace llavakd
