// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// Rows of an embedding table: table [words, width], ids int64 [...] -> [..., width].
///
/// Backward adds the few rows of a table that learns straight to its grad(), which it makes if there is none, instead
/// of handing autograd a gradient as large as the table: with a tied head that one would be zeroed, filled and added to
/// the head's, 272 MB each at 151,936 words of width 896 in bfloat16. So the table's gradient comes from backward(),
/// and torch::autograd::grad() with the table as input does not see this share of it.
at::Tensor word_rows(const at::Tensor& table, const at::Tensor& ids);

}  // namespace llavakd
