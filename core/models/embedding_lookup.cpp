// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/embedding_lookup.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace llavakd {

namespace {

/// Hides the table from autograd, so that nothing waits for its gradient from here.
struct Table {
  const at::Tensor& weight;
};

struct EmbeddingLookup : torch::autograd::Function<EmbeddingLookup> {
  /// `anchor` only makes the result part of the graph.
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& /*anchor*/, const Table& table,
                            const at::Tensor& ids) {
    context->saved_data["table"] = table.weight;
    context->saved_data["ids"] = ids;
    return at::embedding(table.weight, ids);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    const at::Tensor table = context->saved_data["table"].toTensor(), ids = context->saved_data["ids"].toTensor();
    // Already there: the tied head's gradient, or that of earlier micro-batches. Autograd adds what comes later to it.
    at::Tensor& gradient = table.mutable_grad();
    if (!gradient.defined()) gradient = at::zeros_like(table.detach());
    gradient.index_add_(0, ids.flatten(), upstream[0].reshape({-1, table.size(1)}).to(gradient.scalar_type()));
    return {at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor embedding_lookup(const at::Tensor& table, const at::Tensor& ids) {
  if (!table.requires_grad() || !table.is_leaf() || !at::GradMode::is_enabled()) return at::embedding(table, ids);
  return EmbeddingLookup::apply(at::zeros({}, table.options()).requires_grad_(), Table{table}, ids);
}

}  // namespace llavakd
