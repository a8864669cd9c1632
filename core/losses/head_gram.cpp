// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/head_gram.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/kernels/linear.h"
#include "core/kernels/transpose.h"
#include "core/losses/compute_type.h"
#include "core/losses/distillation_loss.h"

namespace llavakd {

namespace {

constexpr int64_t block_rows = 8192;  // Rows that are multiplied, or widened, at a time.
constexpr int64_t strips = 4;         // Of columns; only upper strips are multiplied, 5/8 of all.

/// Adds aᵀ·a from the diagonal block of `left` on, which is some columns of a, transposed: bfloat16 products are
/// rounded, so what the rounding lost is computed again, exactly in float32 within the product, and added.
void add_product(at::Tensor target, const at::Tensor& left, const at::Tensor& right) {
  if (left.scalar_type() == at::kBFloat16) {
    const at::Tensor rounded = at::mm(left, right);
    target.add_(rounded).add_(at::addmm(rounded, left, right, /*beta=*/-1));
  } else {
    matmul_nt_into(target, left, right.t(), /*add=*/true);
  }
}

at::Tensor gram_by_blocks(const at::Tensor& head, int64_t vocabulary) {
  const int64_t width = head.size(1), strip = std::max<int64_t>(64, (width + strips - 1) / strips);
  at::Tensor gram = at::zeros({width, width}, head.options().dtype(compute_type(head)).requires_grad(false));
  const bool narrow = head.scalar_type() == at::kBFloat16 && head.is_cpu();
  for (int64_t begin = 0; begin < vocabulary; begin += block_rows) {
    const at::Tensor rows = head.narrow(0, begin, std::min(block_rows, vocabulary - begin));
    const at::Tensor block = narrow ? rows : to_compute_type(rows), turned = narrow ? transposed(block) : block.t();
    for (int64_t from = 0; from < width; from += strip) {
      const int64_t count = std::min(strip, width - from), rest = width - from;
      add_product(gram.narrow(0, from, count).narrow(1, from, rest), turned.narrow(0, from, count),
                  block.narrow(1, from, rest));
    }
  }
  return gram.triu().add_(gram.triu(1).t());
}

/// W S for symmetric S into `to` [vocabulary rows], in W's type; added when `add`.
void times_symmetric(const at::Tensor& w, const at::Tensor& symmetric, const at::Tensor& to, bool add) {
  const at::Tensor s = symmetric.to(w.scalar_type());
  matmul_nt_into(to, w, s, add);
}

struct Gram : torch::autograd::Function<Gram> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& head, int64_t vocabulary) {
    context->save_for_backward({head});
    context->saved_data["vocabulary"] = vocabulary;
    return gram_by_blocks(head, vocabulary);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const at::Tensor head = context->get_saved_variables()[0];
    const int64_t vocabulary = context->saved_data["vocabulary"].toInt();
    at::Tensor dw = at::empty_like(head);
    times_symmetric(head.narrow(0, 0, vocabulary), gradients[0] + gradients[0].t(), dw.narrow(0, 0, vocabulary), false);
    // Words beyond the common vocabulary have no part in the relation.
    dw.narrow(0, vocabulary, head.size(0) - vocabulary).zero_();
    return {dw, at::Tensor()};
  }
};

}  // namespace

at::Tensor head_gram(const at::Tensor& head_weight, int64_t vocabulary) {
  const at::NoGradGuard no_grad;
  return gram_by_blocks(head_weight, vocabulary);
}

at::Tensor differentiable_gram(const at::Tensor& head_weight, int64_t vocabulary) {
  return Gram::apply(head_weight, vocabulary);
}

HeadGram::HeadGram(at::Tensor head_weight, int64_t vocabulary, int64_t uses)
    : head_weight_(std::move(head_weight)), vocabulary_(vocabulary), uses_(std::max<int64_t>(1, uses)) {
  TORCH_CHECK(head_weight_.is_leaf(), "only a leaf keeps its gradient");
  TORCH_CHECK(vocabulary_ >= 0 && vocabulary_ <= head_weight_.size(0), "more words than the head has");
}

const at::Tensor& HeadGram::matrix() {
  if (!matrix_.defined()) matrix_ = head_gram(head_weight_, vocabulary_);
  return matrix_;
}

void HeadGram::collect(const at::Tensor& gradient) {
  const at::NoGradGuard no_grad;
  if (gradient_.defined())
    gradient_.add_(gradient);
  else
    gradient_ = gradient.clone();
}

void HeadGram::flush_gradient(at::Tensor& gradient) {
  const at::NoGradGuard no_grad;
  if (gradient_.defined() && head_weight_.requires_grad()) {
    const bool add = gradient.defined();
    const at::Tensor w = head_weight_.detach();
    if (!add) {
      gradient = at::empty_like(w);
      gradient.narrow(0, vocabulary_, w.size(0) - vocabulary_).zero_();
    }
    times_symmetric(w.narrow(0, 0, vocabulary_), gradient_ * 2, gradient.narrow(0, 0, vocabulary_), add);
  }
  matrix_.reset();
  gradient_.reset();
}

double gram_cost_share(at::ScalarType head_type) {
  return (head_type == at::kBFloat16 ? 0.5 : 1) * 0.625;
}

double gram_gradient_cost_share(at::ScalarType head_type) {
  return head_type == at::kBFloat16 ? 0.25 : 1;
}

}  // namespace llavakd
