// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/relation.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/kernels/linear.h"
#include "core/losses/compute_type.h"
#include "core/losses/head_gram.h"

namespace llavakd {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t token_block = 8192;  // Tokens whose logits are held at a time.

/// A B of each image: a [images, m, k], b [images, k, n]. One image takes the faster library.
at::Tensor each_product(const at::Tensor& a, const at::Tensor& b) {
  return a.size(0) == 1 ? matmul_nt(a[0], b[0].t()).unsqueeze(0) : at::bmm(a, b);
}

/// Rows of all images times a matrix: h [images, rows, k], m [k, n].
at::Tensor rows_product(const at::Tensor& h, const at::Tensor& m) {
  return matmul_nt(h.flatten(0, 1), m.t()).view({h.size(0), h.size(1), m.size(1)});
}

/// Keeps an object of the caller alive between forward and backward.
struct Held : torch::CustomClassHolder {
  explicit Held(std::shared_ptr<HeadGram> of) : gram(std::move(of)) {}
  std::shared_ptr<HeadGram> gram;
};

/// H G Hᵀ for symmetric G.
struct GramRelation : torch::autograd::Function<GramRelation> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& h, const at::Tensor& gram,
                            const std::shared_ptr<HeadGram>& step) {
    const at::Tensor hg = rows_product(h, gram);
    context->save_for_backward({h, hg});
    if (step) context->saved_data["step"] = c10::IValue::make_capsule(c10::make_intrusive<Held>(step));
    return each_product(hg, h.transpose(1, 2));
  }

  static variable_list backward(AutogradContext* context, variable_list upstream) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &h = saved[0], &hg = saved[1];
    const at::Tensor both = upstream[0] + upstream[0].transpose(1, 2);
    at::Tensor dh, dg;
    if (context->needs_input_grad(0)) dh = each_product(both, hg);
    const auto step = context->saved_data.find("step");
    const bool of_step = step != context->saved_data.end();
    if (!of_step && !context->needs_input_grad(1)) return {dh, dg, {}};
    const at::Tensor rows = h.flatten(0, 1), moved = each_product(both, h).flatten(0, 1);
    dg = matmul_nt(rows.t(), moved.t()).mul_(0.5);
    if (!of_step) return {dh, dg, {}};
    c10::static_intrusive_pointer_cast<Held>(step->second.toCapsule())->gram->collect(dg);
    return {dh, {}, {}};
  }
};

/// Z Zᵀ of Z = H Wᵀ + b as (Z W) Hᵀ + (Z b) 1ᵀ, block by block of the vocabulary.
struct LogitsRelation : torch::autograd::Function<LogitsRelation> {
  struct Block {
    at::Tensor head, bias, logits;
  };
  /// The block that begins at this token, in h's type.
  static Block block_at(const at::Tensor& rows, const at::Tensor& head, const at::Tensor& bias, int64_t begin,
                        int64_t vocabulary) {
    const int64_t count = std::min(token_block, vocabulary - begin);
    Block block{.head = head.narrow(0, begin, count).to(rows.scalar_type())};
    block.logits = matmul_nt(rows, block.head);
    if (!bias.defined()) return block;
    block.bias = bias.narrow(0, begin, count).to(rows.scalar_type());
    block.logits.add_(block.bias);
    return block;
  }

  static at::Tensor forward(AutogradContext* context, const at::Tensor& h, const at::Tensor& head,
                            const std::optional<at::Tensor>& head_bias, int64_t vocabulary) {
    const at::Tensor bias = head_bias.value_or(at::Tensor()), rows = h.flatten(0, 1);
    at::Tensor zw = at::zeros_like(rows), zb = at::zeros({rows.size(0), 1}, rows.options());
    for (int64_t begin = 0; begin < vocabulary; begin += token_block) {
      const Block block = block_at(rows, head, bias, begin, vocabulary);
      zw.add_(matmul_nt(block.logits, block.head.t()));
      if (bias.defined()) zb.add_(at::mv(block.logits, block.bias).unsqueeze(1));
    }
    zw = zw.view_as(h);
    context->save_for_backward({h, head, bias, zw});
    context->saved_data["vocabulary"] = vocabulary;
    at::Tensor relation = each_product(zw, h.transpose(1, 2));
    return bias.defined() ? relation.add_(zb.view({h.size(0), h.size(1), 1})) : relation;
  }

  static variable_list backward(AutogradContext* context, variable_list upstream) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &h = saved[0], &head = saved[1], &bias = saved[2], &zw = saved[3];
    const int64_t vocabulary = context->saved_data["vocabulary"].toInt();
    const at::Tensor both = upstream[0] + upstream[0].transpose(1, 2);
    const bool head_learns = context->needs_input_grad(1), bias_learns = bias.defined() && context->needs_input_grad(2);
    at::Tensor dh, dw, db;
    if (context->needs_input_grad(0)) dh = each_product(both, zw);
    if (!head_learns && !bias_learns) return {dh, dw, db, {}};
    // With dZ = (U + Uᵀ) Z: dW = dZᵀ H = Zᵀ ((U + Uᵀ) H), db = Zᵀ ((U + Uᵀ) 1).
    const at::Tensor rows = h.flatten(0, 1), moved = each_product(both, h).flatten(0, 1);
    const at::Tensor sums = both.sum(-1).flatten();
    if (head_learns) dw = at::zeros_like(head);
    if (bias_learns) db = at::zeros_like(bias);
    for (int64_t begin = 0; begin < vocabulary; begin += token_block) {
      const Block block = block_at(rows, head, bias, begin, vocabulary);
      const int64_t count = block.head.size(0);
      if (head_learns) dw.narrow(0, begin, count).copy_(matmul_nt(block.logits.t(), moved.t()));
      if (bias_learns) db.narrow(0, begin, count).copy_(at::mv(block.logits.t(), sums));
    }
    return {dh, dw, db, {}};
  }
};

/// Without a graph through the hidden states, nothing would tell the step's object its gradient.
bool takes_step_gram(const at::Tensor& h, const ModelOutput& model) {
  return !model.head_gram.defined() && model.step_gram && (h.requires_grad() || !model.head_weight.requires_grad());
}

at::Tensor by_gram(const at::Tensor& h, const ModelOutput& model, int64_t vocabulary) {
  const bool of_step = takes_step_gram(h, model);
  const at::Tensor gram = model.head_gram.defined() ? model.head_gram
                          : of_step                 ? model.step_gram->matrix()
                                                    : differentiable_gram(model.head_weight, vocabulary);
  const at::Tensor relation = GramRelation::apply(h, gram, of_step ? model.step_gram : nullptr);
  if (!model.head_bias.defined()) return relation;
  const at::Tensor bias = to_compute_type(model.head_bias.narrow(0, 0, vocabulary));
  const at::Tensor along = at::matmul(h, at::mv(to_compute_type(model.head_weight.narrow(0, 0, vocabulary)).t(), bias));
  return relation + along.unsqueeze(-1) + along.unsqueeze(-2) + at::dot(bias, bias);
}

}  // namespace

std::string_view name(RelationMethod method) {
  switch (method) {
    case RelationMethod::none:
      return "none";
    case RelationMethod::hidden:
      return "hidden";
    case RelationMethod::logits:
      return "logits";
    case RelationMethod::gram:
      return "gram";
  }
  return {};
}

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

double relation_cost_logits(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, bool head_learns) {
  // Back: the logits again, and one more product with them.
  return (head_learns ? 4.0 : 2.0) * static_cast<double>(images * rows) * static_cast<double>(width) *
         static_cast<double>(vocabulary);
}

double relation_cost_gram(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, double gram_share,
                          double gradient_share) {
  const double square = static_cast<double>(width) * static_cast<double>(width);
  return (gram_share + gradient_share) * square * static_cast<double>(vocabulary) +
         static_cast<double>(images * rows) * square;
}

RelationMethod cheaper_relation(const at::Tensor& hidden, const ModelOutput& model, int64_t vocabulary) {
  const int64_t images = hidden.size(0), rows = hidden.size(1), width = hidden.size(2);
  const at::Tensor& head = model.head_weight;
  const bool learns = head.requires_grad() && at::GradMode::is_enabled() && !model.head_gram.defined();
  const bool of_step = takes_step_gram(hidden, model);
  const double uses = of_step ? static_cast<double>(model.step_gram->uses()) : 1;
  const bool known = model.head_gram.defined() || (of_step && model.step_gram->known());
  const double gram =
      relation_cost_gram(images, rows, width, vocabulary, known ? 0 : gram_cost_share(head.scalar_type()) / uses,
                         learns ? gram_gradient_cost_share(head.scalar_type()) / uses : 0);
  return gram <= relation_cost_logits(images, rows, width, vocabulary, learns) ? RelationMethod::gram
                                                                               : RelationMethod::logits;
}

at::Tensor relation_of_logits(RelationMethod method, const at::Tensor& hidden, const ModelOutput& model,
                              int64_t vocabulary) {
  const at::Tensor h = to_compute_type(hidden);
  if (method == RelationMethod::gram) return by_gram(h, model, vocabulary);
  const std::optional<at::Tensor> bias = model.head_bias.defined() ? std::optional(model.head_bias) : std::nullopt;
  return LogitsRelation::apply(h, model.head_weight, bias, vocabulary);
}

RelationMethod relation_method(bool on_hidden, const at::Tensor& hidden, const ModelOutput& model, int64_t vocabulary) {
  return on_hidden ? RelationMethod::hidden : cheaper_relation(hidden, model, vocabulary);
}

at::Tensor compared_relations(RelationMethod method, const at::Tensor& hidden, const ModelOutput& model,
                              int64_t vocabulary) {
  return method == RelationMethod::hidden ? relation_matrix(to_compute_type(hidden))
                                          : relation_of_logits(method, hidden, model, vocabulary);
}

}  // namespace llavakd
