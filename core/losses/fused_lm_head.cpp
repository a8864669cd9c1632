// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/fused_lm_head.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/losses/compute_type.h"
#include "core/losses/fused_lm_head_backends.h"

namespace llavakd {

namespace {

at::Tensor weighted_total(const FusedResult& values, const FusedTask& task) {
  at::Tensor total = at::zeros({}, task.row_weights.options().dtype(at::kDouble));
  int64_t begin = 0;
  for (const FusedPart& part : task.parts) {
    const auto add = [&](const at::Tensor& rows, double weight) {
      total.add_((rows * task.row_weights).narrow(0, begin, part.rows).sum(at::kDouble), weight);
    };
    if (part.ce_weight) add(values.ce, *part.ce_weight);
    if (part.divergence) add(values.divergence, part.divergence->weight);
    begin += part.rows;
  }
  return total;
}

/// A kept gradient times what comes from above. Training asks for the total as it is, which costs no pass on the CPU;
/// elsewhere the number is not looked at.
at::Tensor scaled(at::Tensor kept, const at::Tensor& upstream) {
  if (!kept.defined() || (upstream.is_cpu() && upstream.item<double>() == 1)) return kept;
  return kept.mul_(upstream.to(kept.scalar_type()));
}

struct FusedLmHead : torch::autograd::Function<FusedLmHead> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const at::Tensor& hidden,
                                                const at::Tensor& head, const std::optional<at::Tensor>& head_bias,
                                                const FusedTask& task, const FusedOptions& options, bool graph) {
    const at::Tensor bias = head_bias.value_or(at::Tensor());
    const auto needed = [graph](const at::Tensor& input) {
      return graph && input.defined() && input.requires_grad();
    };
    const auto like_hidden = hidden.options().requires_grad(false).dtype(compute_type(hidden));
    FusedResult values{{}, at::zeros({hidden.size(0)}, like_hidden), {}};
    values.divergence = at::zeros_like(values.ce);
    const FusedInput input{hidden, head, bias, task};
    const WantedGradients wanted{needed(hidden), needed(head), needed(bias)};
    FusedGradients gradients = !options.plain && kernel_can_run(input)
                                   ? fused_rows_by_kernel(input, wanted, options, values)
                                   : fused_rows_plain(input, wanted, options.chunk_rows, values);
    context->saved_data["hidden"] = std::move(gradients.hidden);
    context->saved_data["head"] = std::move(gradients.head);
    context->saved_data["bias"] = std::move(gradients.bias);
    context->mark_non_differentiable({values.ce, values.divergence});
    return {weighted_total(values, task).to(compute_type(hidden)), values.ce, values.divergence};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    TORCH_CHECK(!context->saved_data.empty(), "the loss has gone backward already");
    // Given away for good: autograd keeps a gradient without a copy only when nobody else holds it.
    const auto take = [&](const char* name) {
      return scaled(std::move(context->saved_data.at(name)).toTensor(), upstream[0]);
    };
    torch::autograd::variable_list gradients = {take("hidden"), take("head"), take("bias"), {}, {}, {}};
    context->saved_data.clear();
    return gradients;
  }
};

}  // namespace

FusedResult fused_lm_head_loss(const at::Tensor& hidden, const at::Tensor& head_weight, const FusedTask& task,
                               const at::Tensor& head_bias, const FusedOptions& options) {
  int64_t rows = 0;
  for (const FusedPart& part : task.parts) rows += part.rows;
  TORCH_CHECK(rows == hidden.size(0) && rows == task.row_weights.size(0), "the parts have ", rows, " rows of ",
              hidden.size(0));
  // A function's own forward runs without grad mode, so it must be told.
  const std::optional<at::Tensor> bias = head_bias.defined() ? std::optional(head_bias) : std::nullopt;
  const auto out = FusedLmHead::apply(hidden, head_weight, bias, task, options, at::GradMode::is_enabled());
  return {out[0], out[1], out[2]};
}

}  // namespace llavakd
