// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/recompute.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace llavakd {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct SegmentHolder : torch::CustomClassHolder {
  explicit SegmentHolder(LayerFunction held) : segment(std::move(held)) {}
  LayerFunction segment;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList parameters,
                            const c10::intrusive_ptr<SegmentHolder>& holder) {
    variable_list saved = {x};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(saved);
    context->saved_data["segment"] = c10::IValue::make_capsule(holder);
    return holder->segment(x);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto holder = c10::static_intrusive_pointer_cast<SegmentHolder>(context->saved_data["segment"].toCapsule());
    const variable_list saved = context->get_saved_variables();
    const bool passes_on = context->needs_input_grad(0);
    const at::Tensor x = saved[0].detach().requires_grad_(passes_on);
    variable_list inputs(saved.begin() + (passes_on ? 0 : 1), saved.end());
    if (passes_on) inputs[0] = x;
    at::Tensor out;
    {
      const at::AutoGradMode with_graph(true);
      out = holder->segment(x);
    }
    variable_list found = torch::autograd::grad({out}, inputs, {gradients[0]}, /*retain_graph=*/std::nullopt,
                                                /*create_graph=*/false, /*allow_unused=*/true);
    if (!passes_on) found.insert(found.begin(), at::Tensor());
    found.emplace_back();  // The segment has no derivative.
    return found;
  }
};

}  // namespace

at::Tensor recomputed(LayerFunction segment, const at::Tensor& x, const std::vector<at::Tensor>& parameters) {
  return Recomputed::apply(x, at::TensorList(parameters), c10::make_intrusive<SegmentHolder>(std::move(segment)));
}

}  // namespace llavakd
