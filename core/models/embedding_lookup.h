// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <memory>
#include <vector>

namespace llavakd {

/// The gradient of some rows of an embedding table; the other rows' is 0.
struct RowGradient {
  at::Tensor table;  ///< [V, W], the leaf.
  at::Tensor ids;    ///< int64 [N], rows of the table; a row may come several times.
  at::Tensor rows;   ///< [N, W], in the table's type.

  /// Adds the rows to `gradient` [V, W], which is made if it is undefined.
  void add_to(at::Tensor& gradient) const;
};
using RowGradients = std::vector<RowGradient>;

/// Embeddings of token ids: table [V, W], ids int64 [...] -> [..., W], for a vocabulary of V tokens and width W.
///
/// Without `collect` autograd computes the table's gradient as of any operation. With it, backward appends the table's
/// gradient to `collect` row by row and gives autograd none: whoever calls backward() then adds it where the table's
/// gradient is kept. That saves a gradient as large as the table: with a tied head it would be zeroed, filled and added
/// to the head's, 272 MB each for 151,936 tokens of width 896 in bfloat16. Not for backward passes of several threads
/// at once.
at::Tensor embedding_lookup(const at::Tensor& table, const at::Tensor& ids,
                            const std::shared_ptr<RowGradients>& collect = nullptr);

}  // namespace llavakd
