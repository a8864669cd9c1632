// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/embedding_lookup.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace llavakd {

namespace {

/// What backward needs and autograd must not see: if the table were an input, autograd would wait for its gradient.
struct LookedUp : torch::CustomClassHolder {
  LookedUp(at::Tensor of, std::shared_ptr<RowGradients> to) : table(std::move(of)), collect(std::move(to)) {}
  at::Tensor table;
  std::shared_ptr<RowGradients> collect;
};

struct EmbeddingLookup : torch::autograd::Function<EmbeddingLookup> {
  /// `anchor` only makes the result part of the graph.
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& /*anchor*/,
                            const c10::intrusive_ptr<LookedUp>& from, const at::Tensor& ids) {
    context->saved_data["from"] = c10::IValue::make_capsule(from);
    context->saved_data["ids"] = ids;
    return at::embedding(from->table, ids);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    const auto from = c10::static_intrusive_pointer_cast<LookedUp>(context->saved_data["from"].toCapsule());
    const at::Tensor rows = upstream[0].reshape({-1, from->table.size(1)}).to(from->table.scalar_type());
    from->collect->push_back({from->table, context->saved_data["ids"].toTensor().flatten(), rows});
    return {at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

void RowGradient::add_to(at::Tensor& gradient) const {
  const at::NoGradGuard no_grad;
  if (!gradient.defined()) gradient = at::zeros_like(table.detach());
  gradient.index_add_(0, ids, rows.to(gradient.scalar_type()));
}

at::Tensor embedding_lookup(const at::Tensor& table, const at::Tensor& ids,
                            const std::shared_ptr<RowGradients>& collect) {
  if (!collect || !table.requires_grad() || !table.is_leaf() || !at::GradMode::is_enabled())
    return at::embedding(table, ids);
  return EmbeddingLookup::apply(at::zeros({}, table.options()).requires_grad_(),
                                c10::make_intrusive<LookedUp>(table, collect), ids);
}

}  // namespace llavakd
