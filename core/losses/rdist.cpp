// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/rdist.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/losses/distillation_loss.h"
#include "core/losses/head_rows.h"

namespace llavakd {

namespace {

constexpr int64_t gram_block = 8192;  // Rows widened to float32 at a time.

at::Tensor gram_by_blocks(const at::Tensor& head, int64_t vocabulary) {
  const int64_t width = head.size(1);
  at::Tensor gram = at::zeros({width, width}, head.options().dtype(wide_type(head)));
  for (int64_t begin = 0; begin < vocabulary; begin += gram_block) {
    const at::Tensor block = widened(head.narrow(0, begin, std::min(gram_block, vocabulary - begin)));
    gram.addmm_(block.t(), block);
  }
  return gram;
}

struct HeadGram : torch::autograd::Function<HeadGram> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& head, int64_t vocabulary) {
    context->save_for_backward({head});
    context->saved_data["vocabulary"] = vocabulary;
    return gram_by_blocks(head, vocabulary);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const at::Tensor head = context->get_saved_variables()[0];
    const int64_t vocabulary = context->saved_data["vocabulary"].toInt();
    const at::Tensor both = gradients[0] + gradients[0].t();
    // Words beyond the common vocabulary have no part in the relation.
    at::Tensor dw = at::zeros_like(head);
    for (int64_t begin = 0; begin < vocabulary; begin += gram_block) {
      const int64_t rows = std::min(gram_block, vocabulary - begin);
      dw.narrow(0, begin, rows).copy_(at::mm(widened(head.narrow(0, begin, rows)), both));
    }
    return {dw, at::Tensor()};
  }
};

/// The logits themselves, [images, rows, vocabulary].
at::Tensor logits_of(const at::Tensor& h, const at::Tensor& head_weight, const at::Tensor& bias, int64_t vocabulary) {
  const at::Tensor logits = at::matmul(h, widened(head_weight.narrow(0, 0, vocabulary)).t());
  return bias.defined() ? logits + bias : logits;
}

}  // namespace

at::Tensor relation_matrix(const at::Tensor& features) {
  return at::matmul(features, features.transpose(-2, -1));
}

at::Tensor relation_distance(const at::Tensor& student, const at::Tensor& teacher) {
  const auto inner = [](const at::Tensor& a, const at::Tensor& b) {
    return (a * b).sum({-2, -1}, false, at::kDouble);
  };
  const auto norm = [&](const at::Tensor& a) {
    return inner(a, a).clamp_min(1e-16).sqrt();
  };
  return 1 - inner(student, teacher) / (norm(student) * norm(teacher));
}

double relation_cost_plain(int64_t images, int64_t rows, int64_t width, int64_t vocabulary) {
  return static_cast<double>(images) * static_cast<double>(rows) * static_cast<double>(vocabulary) *
         static_cast<double>(width + rows);
}

double relation_cost_gram(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, bool gram_known) {
  const double square = static_cast<double>(width) * static_cast<double>(width);
  return (gram_known ? 0.0 : square * static_cast<double>(vocabulary)) +
         static_cast<double>(images * rows) * (square + static_cast<double>(rows) * static_cast<double>(width));
}

at::Tensor head_gram(const at::Tensor& head_weight, int64_t vocabulary) {
  const at::NoGradGuard no_grad;
  return gram_by_blocks(head_weight, vocabulary);
}

at::Tensor differentiable_gram(const at::Tensor& head_weight, int64_t vocabulary) {
  return HeadGram::apply(head_weight, vocabulary);
}

at::Tensor relation_of_logits(const at::Tensor& hidden, const at::Tensor& head_weight, const at::Tensor& gram,
                              int64_t vocabulary, const at::Tensor& head_bias) {
  const int64_t images = hidden.size(0), rows = hidden.size(1), width = hidden.size(2);
  const at::Tensor h = widened(hidden);
  const at::Tensor bias = head_bias.defined() ? widened(head_bias.narrow(0, 0, vocabulary)) : at::Tensor();
  if (relation_cost_plain(images, rows, width, vocabulary) <
      relation_cost_gram(images, rows, width, vocabulary, gram.defined()))
    return relation_matrix(logits_of(h, head_weight, bias, vocabulary));
  const at::Tensor g = gram.defined() ? gram : differentiable_gram(head_weight, vocabulary);
  const at::Tensor without_bias = at::matmul(at::matmul(h, g), h.transpose(-2, -1));
  if (!bias.defined()) return without_bias;
  const at::Tensor along = at::matmul(h, at::mv(widened(head_weight.narrow(0, 0, vocabulary)).t(), bias));
  return without_bias + along.unsqueeze(-1) + along.unsqueeze(-2) + at::dot(bias, bias);
}

}  // namespace llavakd
