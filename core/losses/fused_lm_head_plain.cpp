// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <algorithm>

#include "core/losses/compute_type.h"
#include "core/losses/divergences.h"
#include "core/losses/fused_lm_head_backends.h"

namespace llavakd {

namespace {

/// x Wᵀ + b in the type that losses compute in; the bias is undefined for most heads.
at::Tensor wide_logits(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor logits = to_compute_type(at::mm(x, weight.t()));
  return bias.defined() ? logits + to_compute_type(bias) : logits;
}

/// Large products run best, so 256 rows at least; as many as stay near the cache while the vocabulary is small; and no
/// more than 64 MiB of float32 logits (110 rows of 151,936 tokens), of which about six such buffers live at once.
int64_t plain_chunk(int64_t vocabulary) {
  constexpr int64_t near_cache = 1 << 18, most = 1 << 24, fewest = 256;
  return std::max<int64_t>(1, std::min(std::max(fewest, near_cache / vocabulary), most / vocabulary));
}

/// One chunk of rows [begin, begin + rows) of one part.
class Chunk {
 public:
  Chunk(const FusedTask& task, const FusedPart& part, int64_t begin, int64_t rows)
      : task_(task), part_(part), begin_(begin), rows_(rows), weights_(of(task.row_weights).unsqueeze(-1)) {}

  at::Tensor of(const at::Tensor& all) const { return all.narrow(0, begin_, rows_); }

  /// Fills values and returns the derivative of the total by the logits (undefined unless asked for).
  at::Tensor run(const at::Tensor& logits, FusedResult& values, bool with_gradient) {
    at::Tensor log_q;
    if (part_.ce_weight) {
      log_q = at::log_softmax(logits, -1);
      const at::Tensor given = of(task_.labels).unsqueeze(-1), labels = given.clamp_min(0);
      const at::Tensor counts = (given >= 0).to(logits.scalar_type());
      of(values.ce).copy_(at::where(given >= 0, log_q.gather(-1, labels).neg_(), at::zeros_like(counts)).squeeze(-1));
      if (with_gradient) {
        const at::Tensor weights = weights_ * counts * *part_.ce_weight;
        gradient_ = log_q.exp().mul_(weights);
        gradient_.scatter_add_(-1, labels, weights.neg());
      }
    }
    if (part_.divergence) add_divergence(*part_.divergence, logits, log_q, values, with_gradient);
    if (with_gradient && !gradient_.defined()) gradient_ = at::zeros_like(logits);
    return gradient_;
  }

 private:
  void add_divergence(const Term& term, const at::Tensor& logits, at::Tensor log_q, FusedResult& values,
                      bool with_gradient) {
    const int64_t common = task_.vocabulary;
    const bool whole = common == logits.size(1);
    const auto tempered = [&](const at::Tensor& z) {
      return term.temperature == 1 ? z : z / term.temperature;
    };
    const at::Tensor bias = task_.teacher_bias.defined() ? task_.teacher_bias.narrow(0, 0, common) : at::Tensor();
    const at::Tensor teacher =
        wide_logits(of(task_.teacher_hidden), task_.teacher_head.narrow(0, 0, common), bias).to(logits.scalar_type());
    // The cross-entropy's log-probabilities serve again unless temperature or cut make others.
    if (!log_q.defined() || !whole || term.temperature != 1)
      log_q = at::log_softmax(tempered(logits.narrow(1, 0, common)), -1);
    DivergenceRows rows =
        term.divergence->with_gradient(at::log_softmax(tempered(teacher), -1), log_q, with_gradient, term.beta);
    of(values.divergence).copy_(rows.values.mul_(temperature_factor(term)));
    if (!with_gradient) return;
    // The inner derivative is by logits / temperature.
    rows.gradient.mul_(weights_ * (term.weight * temperature_factor(term) / term.temperature));
    if (!gradient_.defined() && whole) {
      gradient_ = rows.gradient;
      return;
    }
    if (!gradient_.defined()) gradient_ = at::zeros_like(logits);
    gradient_.narrow(1, 0, common).add_(rows.gradient);
  }

  const FusedTask& task_;
  const FusedPart& part_;
  int64_t begin_, rows_;
  at::Tensor weights_;
  at::Tensor gradient_;
};

void add_chunk(Chunk& chunk, const FusedInput& input, FusedResult& values, FusedGradients& gradients, bool any) {
  const at::Tensor h = chunk.of(input.hidden);
  const at::Tensor dz = chunk.run(wide_logits(h, input.head, input.bias), values, any);
  if (!any) return;
  if (gradients.bias.defined()) gradients.bias.add_(dz.sum(0));
  const at::Tensor narrow_dz = dz.to(input.hidden.scalar_type());
  if (gradients.hidden.defined()) {
    at::Tensor target = chunk.of(gradients.hidden);
    at::mm_out(target, narrow_dz, input.head);
  }
  if (!gradients.head.defined()) return;
  if (gradients.head.scalar_type() == h.scalar_type())
    gradients.head.addmm_(narrow_dz.t(), h);
  else
    gradients.head.add_(at::mm(narrow_dz.t(), h));
}

}  // namespace

FusedGradients fused_rows_plain(const FusedInput& input, const WantedGradients& wanted, int64_t chunk_rows,
                                FusedResult& values) {
  FusedGradients gradients;
  if (wanted.hidden) gradients.hidden = at::empty_like(input.hidden);
  if (wanted.head) gradients.head = at::zeros_like(input.head, input.head.options().dtype(compute_type(input.head)));
  if (wanted.bias) gradients.bias = at::zeros_like(input.bias, input.bias.options().dtype(compute_type(input.bias)));
  const int64_t most = chunk_rows > 0 ? chunk_rows : plain_chunk(input.head.size(0));
  int64_t end = 0;
  for (const FusedPart& part : input.task.parts) {
    const int64_t begin = end;
    end += part.rows;
    for (int64_t first = begin; first < end; first += most) {
      Chunk chunk(input.task, part, first, std::min(most, end - first));
      add_chunk(chunk, input, values, gradients, wanted.any());
    }
  }
  if (wanted.head) gradients.head = gradients.head.to(input.head.scalar_type());
  if (wanted.bias) gradients.bias = gradients.bias.to(input.bias.scalar_type());
  return gradients;
}

}  // namespace llavakd
