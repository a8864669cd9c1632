// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// Embeddings of token ids: table [V, W], ids int64 [...] -> [..., W], for a vocabulary of V tokens and width W.
///
/// Backward adds to the few rows of a trained table's grad() that the ids name, and makes that grad() if there is none.
/// It hands autograd no gradient as large as the table: with a tied head that one would be zeroed, filled and added to
/// the head's, 272 MB each for 151,936 tokens of width 896 in bfloat16. So the table's gradient comes from backward();
/// torch::autograd::grad() with the table as input does not see this share of it.
at::Tensor embedding_lookup(const at::Tensor& table, const at::Tensor& ids);

}  // namespace llavakd
