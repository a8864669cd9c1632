// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace llavakd {

/// An order of the tokens in which like ones stand together, from a kernel [n, n] (float64, symmetric): hierarchical
/// clustering with average linkage of the squared distances K_ii + K_jj - 2 K_ij. The two clusters that are nearest on
/// average become one until one is left; of two that are joined, the one with the smaller first token comes first.
/// Equal distances are settled by the smaller token, so that the same kernel gives the same order.
std::vector<int64_t> cluster_order(const at::Tensor& kernel);

}  // namespace llavakd
