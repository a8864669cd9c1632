// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <map>
#include <string>

namespace llavakd {

/// Parameters by their published names, in the names' order, which is the order of every file and reduction.
using TensorMap = std::map<std::string, at::Tensor>;

}  // namespace llavakd
