// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// WᵀW over the first `vocabulary` rows, in float32 or wider; differentiable in head_weight. head_gram() of
/// distillation_loss.h is the same without a graph.
at::Tensor differentiable_gram(const at::Tensor& head_weight, int64_t vocabulary);

/// WᵀW of a head that learns. It is constant between two updates of the head, and so is what leads from its gradient to
/// the head's: dW = W (dG + dGᵀ) of the sum of all dG. Hence one of these for each optimizer step, given to every
/// micro-batch's student as ModelOutput::step_gram:
///
///   const auto gram = std::make_shared<HeadGram>(student.head_weight(), common vocabulary, micro_batches);
///   … predict, set step_gram, distillation_loss(…).total.backward() … for each micro-batch
///   gram->flush_gradient(gradient of the head);  // after the last backward
///
/// The head's gradient lacks the relation's share until flush_gradient(). distillation_loss may still choose another
/// way, which leaves nothing to flush. Not for several threads at once.
class HeadGram {
 public:
  /// head_weight [vocab, width], a leaf; `uses`: how many micro-batches share it, for the choice of the cheaper way.
  HeadGram(at::Tensor head_weight, int64_t vocabulary, int64_t uses = 1);

  /// [width, width], computed at the first call.
  const at::Tensor& matrix();
  bool known() const { return matrix_.defined(); }
  const at::Tensor& head_weight() const { return head_weight_; }
  int64_t vocabulary() const { return vocabulary_; }
  int64_t uses() const { return uses_; }

  /// Adds a gradient by the matrix, symmetric, float32 or wider.
  void collect(const at::Tensor& gradient);
  /// Adds 2 W · collected gradients to `gradient` [vocab, width], which is made if it is undefined, and forgets matrix
  /// and gradients. Nothing collected: leaves `gradient` as it is.
  void flush_gradient(at::Tensor& gradient);

 private:
  at::Tensor head_weight_, matrix_, gradient_;
  int64_t vocabulary_, uses_;
};

/// What a multiplication for WᵀW and for its gradient costs of one of float32: bfloat16 products are faster, and of a
/// symmetric result only the upper blocks are computed.
double gram_cost_share(at::ScalarType head_type);
double gram_gradient_cost_share(at::ScalarType head_type);

}  // namespace llavakd
