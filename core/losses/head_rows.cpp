// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/head_rows.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/losses/mdist.h"

namespace llavakd {

namespace {

/// What is kept between forward and backward, and how far it is needed.
struct Gradients {
  at::Tensor hidden, head, bias;
  bool any() const { return hidden.defined() || head.defined() || bias.defined(); }
};

/// x Wᵀ + b in the type that losses compute in; the bias is undefined for most heads.
at::Tensor wide_logits(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor logits = widened(at::mm(x, weight.t()));
  return bias.defined() ? logits + widened(bias) : logits;
}

/// Large products run best, so 256 rows at least; as many as stay near the cache while the vocabulary is small; and no
/// more than 64 MiB of float32 logits (110 rows of 151,936 words), of which about six such buffers live at once.
int64_t chosen_chunk(int64_t vocabulary) {
  constexpr int64_t near_cache = 1 << 18, most = 1 << 24, fewest = 256;
  return std::max<int64_t>(1, std::min(std::max(fewest, near_cache / vocabulary), most / vocabulary));
}

/// One chunk of rows [begin, begin + rows).
class Chunk {
 public:
  Chunk(const HeadRowsTask& task, int64_t begin, int64_t rows)
      : task_(task), begin_(begin), rows_(rows), weights_(part(task.row_weights).unsqueeze(-1)) {}

  at::Tensor part(const at::Tensor& all) const { return all.narrow(0, begin_, rows_); }

  /// Fills values and returns the derivative of the total by the logits (undefined unless asked for).
  at::Tensor run(const at::Tensor& logits, HeadRowsResult& values, bool with_gradient) {
    at::Tensor log_q;
    if (task_.ce_weight) {
      log_q = at::log_softmax(logits, -1);
      const at::Tensor labels = part(task_.labels).unsqueeze(-1);
      part(values.ce).copy_(log_q.gather(-1, labels).squeeze(-1).neg_());
      if (with_gradient) {
        const at::Tensor weights = weights_ * *task_.ce_weight;
        gradient_ = log_q.exp().mul_(weights);
        gradient_.scatter_add_(-1, labels, weights.neg());
      }
    }
    if (task_.mdist) add_divergence(*task_.mdist, logits, log_q, values, with_gradient);
    return gradient_;
  }

 private:
  void add_divergence(const Term& term, const at::Tensor& logits, at::Tensor log_q, HeadRowsResult& values,
                      bool with_gradient) {
    const int64_t common = task_.vocabulary;
    const bool whole = common == logits.size(1);
    const auto tempered = [&](const at::Tensor& z) {
      return term.temperature == 1 ? z : z / term.temperature;
    };
    const at::Tensor bias = task_.teacher_bias.defined() ? task_.teacher_bias.narrow(0, 0, common) : at::Tensor();
    const at::Tensor teacher = wide_logits(part(task_.teacher_hidden), task_.teacher_head.narrow(0, 0, common), bias);
    // The cross-entropy's log-probabilities serve again unless temperature or cut make others.
    if (!log_q.defined() || !whole || term.temperature != 1)
      log_q = at::log_softmax(tempered(logits.narrow(1, 0, common)), -1);
    DivergenceRows rows =
        divergence_with_gradient(term.divergence, at::log_softmax(tempered(teacher), -1), log_q, with_gradient);
    part(values.mdist).copy_(rows.values.mul_(term.temperature * term.temperature));
    if (!with_gradient) return;
    // T² of the term times 1/T of the inner derivative.
    rows.gradient.mul_(weights_ * (term.weight * term.temperature));
    if (!gradient_.defined() && whole) {
      gradient_ = rows.gradient;
      return;
    }
    if (!gradient_.defined()) gradient_ = at::zeros_like(logits);
    gradient_.narrow(1, 0, common).add_(rows.gradient);
  }

  const HeadRowsTask& task_;
  int64_t begin_, rows_;
  at::Tensor weights_;
  at::Tensor gradient_;
};

HeadRowsResult empty_values(const at::Tensor& hidden, const HeadRowsTask& task) {
  HeadRowsResult values;
  const auto options = hidden.options().dtype(wide_type(hidden)).requires_grad(false);
  if (task.ce_weight) values.ce = at::empty({hidden.size(0)}, options);
  if (task.mdist) values.mdist = at::empty({hidden.size(0)}, options);
  return values;
}

at::Tensor weighted_total(const HeadRowsResult& values, const HeadRowsTask& task) {
  at::Tensor total = at::zeros({}, task.row_weights.options().dtype(at::kDouble));
  if (task.ce_weight) total.add_((values.ce * task.row_weights).sum(at::kDouble), *task.ce_weight);
  if (task.mdist) total.add_((values.mdist * task.row_weights).sum(at::kDouble), task.mdist->weight);
  return total.to(task.row_weights.scalar_type());
}

/// All chunks: fills `values`, and the gradients whose tensors are defined.
void run_chunks(const at::Tensor& hidden, const at::Tensor& head, const at::Tensor& bias, const HeadRowsTask& task,
                int64_t chunk_rows, HeadRowsResult& values, Gradients& gradients) {
  const int64_t rows = hidden.size(0);
  for (int64_t begin = 0; begin < rows; begin += chunk_rows) {
    Chunk chunk(task, begin, std::min(chunk_rows, rows - begin));
    const at::Tensor h = chunk.part(hidden);
    const at::Tensor dz = chunk.run(wide_logits(h, head, bias), values, gradients.any());
    if (!gradients.any()) continue;
    if (gradients.bias.defined()) gradients.bias.add_(dz.sum(0));
    const at::Tensor narrow_dz = dz.to(hidden.scalar_type());
    if (gradients.hidden.defined()) {
      at::Tensor target = chunk.part(gradients.hidden);
      at::mm_out(target, narrow_dz, head);
    }
    if (!gradients.head.defined()) continue;
    if (gradients.head.scalar_type() == h.scalar_type())
      gradients.head.addmm_(narrow_dz.t(), h);
    else
      gradients.head.add_(at::mm(narrow_dz.t(), h));
  }
}

struct HeadRows : torch::autograd::Function<HeadRows> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const at::Tensor& hidden,
                                                const at::Tensor& head, const std::optional<at::Tensor>& head_bias,
                                                const HeadRowsTask& task, int64_t chunk_rows, bool graph) {
    const at::Tensor bias = head_bias.value_or(at::Tensor());
    const auto needed = [graph](const at::Tensor& input) {
      return graph && input.defined() && input.requires_grad();
    };
    HeadRowsResult values = empty_values(hidden, task);
    Gradients gradients;
    if (needed(hidden)) gradients.hidden = at::empty_like(hidden);
    if (needed(head)) gradients.head = at::zeros(head.sizes(), head.options().dtype(wide_type(head)));
    if (needed(bias)) gradients.bias = at::zeros(bias.sizes(), bias.options().dtype(wide_type(bias)));
    run_chunks(hidden, head, bias, task, chunk_rows, values, gradients);
    context->saved_data["hidden"] = gradients.hidden;
    context->saved_data["head"] = gradients.head;
    context->saved_data["bias"] = gradients.bias;
    const at::Tensor none = at::empty({0}, task.row_weights.options());
    const at::Tensor ce = task.ce_weight ? values.ce : none;
    const at::Tensor mdist = task.mdist ? values.mdist : none.clone();
    context->mark_non_differentiable({ce, mdist});
    return {weighted_total(values, task), ce, mdist};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    const auto scaled = [&](const char* name) {
      const at::Tensor kept = context->saved_data[name].toTensor();
      return kept.defined() ? kept * upstream[0].to(kept.scalar_type()) : kept;
    };
    return {scaled("hidden"), scaled("head"), scaled("bias"), {}, {}, {}};
  }
};

}  // namespace

at::ScalarType wide_type(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor widened(const at::Tensor& tensor) {
  return tensor.to(wide_type(tensor));
}

HeadRowsResult head_rows(const at::Tensor& hidden, const at::Tensor& head_weight, const HeadRowsTask& task,
                         int64_t chunk_rows, const at::Tensor& head_bias) {
  const int64_t chunk = chunk_rows > 0 ? chunk_rows : chosen_chunk(head_weight.size(0));
  // A function's own forward runs without grad mode, so it must be told.
  const std::optional<at::Tensor> bias = head_bias.defined() ? std::optional(head_bias) : std::nullopt;
  const auto out = HeadRows::apply(hidden, head_weight, bias, task, chunk, at::GradMode::is_enabled());
  return {out[0], task.ce_weight ? out[1] : at::Tensor(), task.mdist ? out[2] : at::Tensor()};
}

}  // namespace llavakd
