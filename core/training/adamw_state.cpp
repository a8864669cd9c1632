// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/adamw_state.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/kernels/adamw_update.h"
#include "core/kernels/whole_tensor.h"

namespace llavakd {
namespace {

[[noreturn]] void refuse_damage(const std::string& name) {
  throw UserError(fmt::format(
      "The optimizer's state is damaged: “{}” holds what no optimizer has written. Remove this checkpoint's "
      "folder; the run goes on from the one before it.",
      name));
}

}  // namespace

bool is_decayed(const std::string& name, const at::Tensor& parameter) {
  return parameter.dim() >= 2 && name.find("bias") == std::string::npos && name.find("norm") == std::string::npos;
}

uint16_t* bfloat16_bits(const at::Tensor& tensor) {
  return reinterpret_cast<uint16_t*>(tensor.data_ptr<at::BFloat16>());
}

at::Tensor ParamState::weights() const {
  if (!is_half()) return parameter;
  if (master.defined()) return master;
  if (!split || !remainder.defined()) return parameter.to(at::kFloat);
  at::Tensor whole = at::empty_like(parameter, at::kFloat);
  join(bfloat16_bits(parameter), remainder.const_data_ptr<int16_t>(), whole.data_ptr<float>(), whole.numel());
  return whole;
}

void ParamState::set_weights(const at::Tensor& weights) {
  if (split) {
    remainder = at::empty_like(parameter, at::kShort);
    const at::Tensor values = weights.to(at::kFloat).contiguous();
    llavakd::split(values.const_data_ptr<float>(), bfloat16_bits(parameter), remainder.data_ptr<int16_t>(),
                   values.numel());
    return;
  }
  if (is_half()) master = weights.to(parameter.device(), at::kFloat).clone();
  parameter.copy_(weights);
}

void ParamState::allocate() {
  const at::TensorOptions fp32 = parameter.options().dtype(at::kFloat);
  if (split && !remainder.defined()) remainder = at::zeros_like(parameter, at::kShort);
  if (is_half() && !split && !master.defined()) master = parameter.to(at::kFloat);
  if (!exp_avg.defined()) exp_avg = at::zeros(parameter.sizes(), fp32);
  if (!exp_avg_sq.defined()) exp_avg_sq = at::zeros(parameter.sizes(), fp32);
}

AdamWState::AdamWState(const TensorMap& trained) {
  for (const auto& [name, parameter] : trained)
    parameters.push_back({.name = name,
                          .parameter = parameter.detach(),
                          .remainder = {},
                          .master = {},
                          .exp_avg = {},
                          .exp_avg_sq = {},
                          .decayed = is_decayed(name, parameter),
                          .split = parameter.is_cpu() && parameter.scalar_type() == at::kBFloat16});
}

TensorMap AdamWState::to_tensors() const {
  const at::NoGradGuard no_grad;
  TensorMap tensors;
  for (const ParamState& of : parameters) {
    const auto or_zeros = [&](const at::Tensor& tensor) {
      return tensor.defined() ? tensor : at::zeros(of.parameter.sizes(), of.parameter.options().dtype(at::kFloat));
    };
    tensors["exp_avg/" + of.name] = or_zeros(of.exp_avg);
    tensors["exp_avg_sq/" + of.name] = or_zeros(of.exp_avg_sq);
    if (of.is_half()) tensors["master/" + of.name] = of.weights();
  }
  tensors["step"] = at::full({1}, steps, at::kLong);
  return tensors;
}

void AdamWState::load(const TensorMap& tensors) {
  const at::NoGradGuard no_grad;
  const auto found = [&](const std::string& name, at::IntArrayRef sizes) -> const at::Tensor& {
    const auto entry = tensors.find(name);
    if (entry == tensors.end() || entry->second.sizes() != sizes)
      throw UserError(
          fmt::format("The optimizer's state does not fit this run: “{}” is {}. It was written by a run with "
                      "another model or other trained parts; start a new run instead.",
                      name, entry == tensors.end() ? "missing" : "of another shape"));
    return entry->second;
  };
  const auto numbers = [&](const std::string& name, at::IntArrayRef sizes) -> const at::Tensor& {
    const at::Tensor& values = found(name, sizes);
    if (!values.is_floating_point() || !all_finite(values)) refuse_damage(name);
    return values;
  };
  for (ParamState& of : parameters) {
    const at::IntArrayRef sizes = of.parameter.sizes();
    const at::Tensor& exp_avg = numbers("exp_avg/" + of.name, sizes);
    const at::Tensor& exp_avg_sq = numbers("exp_avg_sq/" + of.name, sizes);
    if (exp_avg_sq.numel() > 0 && exp_avg_sq.min().item<double>() < 0) refuse_damage("exp_avg_sq/" + of.name);
    of.reached = exp_avg_sq.any().item<bool>();
    if (of.is_half()) of.set_weights(numbers("master/" + of.name, sizes));
    // Moments of 0 are those of a parameter that no gradient has reached.
    of.exp_avg.reset();
    of.exp_avg_sq.reset();
    if (!of.reached) continue;
    of.allocate();
    of.exp_avg.copy_(exp_avg);
    of.exp_avg_sq.copy_(exp_avg_sq);
  }
  const at::Tensor& step = found("step", {1});
  if (step.scalar_type() != at::kLong || step.item<int64_t>() < 0) refuse_damage("step");
  steps = step.item<int64_t>();
}

}  // namespace llavakd
