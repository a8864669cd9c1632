// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/adamw.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>

#include "core/base/errors.h"
#include "core/kernels/adamw_update.h"
#include "core/kernels/denormals.h"
#include "core/kernels/whole_tensor.h"

namespace llavakd {
namespace {

// Fixed blocks make sums independent of the number of threads.
constexpr int64_t block = 1 << 15;

template <class Value>
double sum_in_blocks(const Value* values, int64_t count) {
  std::vector<double> sums(static_cast<size_t>((count + block - 1) / block));
  at::parallel_for(0, static_cast<int64_t>(sums.size()), 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sums[static_cast<size_t>(i)] = sum_of_squares(values + i * block, std::min(block, count - i * block));
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

uint16_t* halves(const at::Tensor& bfloat16) {
  return reinterpret_cast<uint16_t*>(bfloat16.data_ptr<at::BFloat16>());
}

double squared_norm(const at::Tensor& gradient) {
  if (gradient.is_meta()) return 0;  // has no numbers
  if (!gradient.is_cpu()) return gradient.to(at::kFloat).square().sum(at::kDouble).item<double>();
  if (gradient.scalar_type() == at::kBFloat16) return sum_in_blocks(halves(gradient), gradient.numel());
  return sum_in_blocks(gradient.const_data_ptr<float>(), gradient.numel());
}

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

AdamW::AdamW(TensorMap parameters, AdamWOptions options) : options_(options) {
  for (auto& [name, parameter] : parameters) {
    TORCH_CHECK(parameter.is_contiguous(), "parameter is not contiguous: ", name);
    slots_.push_back({.name = name,
                      .parameter = parameter.detach(),
                      .leaf = parameter,
                      .decayed = is_decayed(name, parameter),
                      .split = parameter.is_cpu() && parameter.scalar_type() == at::kBFloat16});
  }
}

at::Tensor AdamW::Slot::weights() const {
  if (!narrow()) return parameter;
  if (master.defined()) return master;
  if (!split || !remainder.defined()) return parameter.to(at::kFloat);
  at::Tensor whole = at::empty_like(parameter, at::kFloat);
  join(halves(parameter), remainder.const_data_ptr<int16_t>(), whole.data_ptr<float>(), whole.numel());
  return whole;
}

void AdamW::Slot::set_weights(const at::Tensor& weights) {
  if (split) {
    remainder = at::empty_like(parameter, at::kShort);
    const at::Tensor values = weights.to(at::kFloat).contiguous();
    llavakd::split(values.const_data_ptr<float>(), halves(parameter), remainder.data_ptr<int16_t>(), values.numel());
    return;
  }
  if (narrow()) master = weights.to(parameter.device(), at::kFloat).clone();
  parameter.copy_(weights);
}

void AdamW::collect() {
  const at::NoGradGuard no_grad;
  for (Slot& slot : slots_) {
    at::Tensor& gradient = slot.leaf.mutable_grad();
    if (!gradient.defined()) continue;
    if (!gradient.is_contiguous()) gradient = gradient.contiguous();
    if (gradient.scalar_type() == at::kFloat) {
      // Autograd goes on adding to this very tensor.
      slot.gradient = gradient;
      continue;
    }
    if (!slot.gradient.defined())
      slot.gradient = gradient;
    else if (slot.gradient.scalar_type() != at::kFloat)
      slot.gradient = slot.gradient.to(at::kFloat).add_(gradient);
    else
      slot.gradient.add_(gradient);
    gradient.reset();
  }
}

double AdamW::gradient_norm() const {
  const at::NoGradGuard no_grad;
  double total = 0;
  for (const Slot& slot : slots_)
    if (slot.gradient.defined()) total += squared_norm(slot.gradient);
  return std::sqrt(total);
}

void AdamW::step(double learning_rate, double gradient_norm) {
  const at::NoGradGuard no_grad;
  // All that can run out of memory comes before the first weight is touched.
  for (Slot& slot : slots_) prepare(slot);
  double scale = 1;
  if (options_.max_grad_norm > 0) scale = std::min(1.0, options_.max_grad_norm / (gradient_norm + 1e-6));
  if (!slots_.empty() && !slots_.front().parameter.is_cpu())
    update_on_device(learning_rate, scale);
  else
    for (Slot& slot : slots_)
      if (slot.gradient.defined()) update_on_cpu(slot, coefficients(slot, learning_rate, scale));
  for (Slot& slot : slots_)
    if (slot.master.defined()) slot.parameter.copy_(slot.master);
  ++steps_;
  zero_grad();
}

void AdamW::prepare(Slot& slot) {
  if (!slot.gradient.defined() && !slot.reached) return;
  if (!slot.gradient.defined()) slot.gradient = at::zeros_like(slot.parameter);
  if (!slot.split) slot.gradient = slot.gradient.to(at::kFloat);
  allocate(slot);
  slot.reached = true;
}

void AdamW::allocate(Slot& slot) {
  const at::TensorOptions wide = slot.parameter.options().dtype(at::kFloat);
  if (slot.split && !slot.remainder.defined()) slot.remainder = at::zeros_like(slot.parameter, at::kShort);
  if (slot.narrow() && !slot.split && !slot.master.defined()) slot.master = slot.parameter.to(at::kFloat);
  if (!slot.moment1.defined()) slot.moment1 = at::zeros(slot.parameter.sizes(), wide);
  if (!slot.moment2.defined()) slot.moment2 = at::zeros(slot.parameter.sizes(), wide);
}

AdamWCoefficients AdamW::coefficients(const Slot& slot, double learning_rate, double scale) const {
  const double t = static_cast<double>(steps_ + 1);
  return {.gradient_scale = static_cast<float>(scale),
          .beta1 = static_cast<float>(options_.beta1),
          .beta2 = static_cast<float>(options_.beta2),
          .keep = static_cast<float>(1 - learning_rate * (slot.decayed ? options_.weight_decay : 0)),
          .step_size = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, t))),
          .inverse_root_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t))),
          .eps = static_cast<float>(options_.eps)};
}

void AdamW::update_on_cpu(Slot& slot, const AdamWCoefficients& c) {
  float* moment1 = slot.moment1.data_ptr<float>();
  float* moment2 = slot.moment2.data_ptr<float>();
  const at::Tensor& gradient = slot.gradient;
  const auto in_parallel = [&](const auto& update) {
    at::parallel_for(0, slot.parameter.numel(), block, [&](int64_t begin, int64_t end) {
      const FlushDenormals flush;  // the moments of what no gradient reaches any more fade through them for long
      update(begin, end - begin);
    });
  };
  if (!slot.split) {
    float* weight = (slot.master.defined() ? slot.master : slot.parameter).data_ptr<float>();
    const float* wide = gradient.const_data_ptr<float>();
    return in_parallel(
        [&](int64_t at, int64_t count) { adamw_update(weight + at, wide + at, moment1 + at, moment2 + at, count, c); });
  }
  uint16_t* weight = halves(slot.parameter);
  int16_t* remainder = slot.remainder.data_ptr<int16_t>();
  const auto update = [&](const auto* values) {
    in_parallel([&, values](int64_t at, int64_t count) {
      adamw_update(weight + at, remainder + at, values + at, moment1 + at, moment2 + at, count, c);
    });
  };
  if (gradient.scalar_type() == at::kBFloat16)
    update(static_cast<const uint16_t*>(halves(gradient)));
  else
    update(gradient.const_data_ptr<float>());
}

void AdamW::update_on_device(double learning_rate, double scale) {
  if (!slots_.front().parameter.is_cuda()) return update_plainly(learning_rate, scale);
  struct Group {
    double weight_decay = 0;
    std::vector<at::Tensor> weights, gradients, moments1, moments2, steps;
  };
  Group decayed, plain;
  decayed.weight_decay = options_.weight_decay;
  // Both lists before either update: a step that runs out of memory must have touched nothing.
  for (Slot& slot : slots_) {
    if (!slot.gradient.defined()) continue;
    Group& group = slot.decayed ? decayed : plain;
    group.weights.push_back(slot.narrow() ? slot.master : slot.parameter);
    group.gradients.push_back(slot.gradient.mul_(scale));
    group.moments1.push_back(slot.moment1);
    group.moments2.push_back(slot.moment2);
    group.steps.push_back(at::full({}, static_cast<double>(steps_ + 1), slot.moment1.options()));
  }
  for (const Group* group : {&decayed, &plain})
    if (!group->weights.empty())
      at::_fused_adamw_(group->weights, group->gradients, group->moments1, group->moments2, {}, group->steps,
                        learning_rate, options_.beta1, options_.beta2, group->weight_decay, options_.eps, false, false,
                        std::nullopt, std::nullopt);
}

void AdamW::update_plainly(double learning_rate, double scale) {
  const double t = static_cast<double>(steps_ + 1);
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  for (Slot& slot : slots_) {
    if (!slot.gradient.defined()) continue;
    const at::Tensor& weight = slot.master.defined() ? slot.master : slot.parameter;
    const at::Tensor& gradient = slot.gradient.mul_(scale);
    slot.moment1.lerp_(gradient, 1 - options_.beta1);
    slot.moment2.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    weight.mul_(1 - learning_rate * (slot.decayed ? options_.weight_decay : 0));
    const at::Tensor root = slot.moment2.sqrt().div_(std::sqrt(correction2)).add_(options_.eps);
    weight.addcdiv_(slot.moment1, root, -learning_rate / correction1);
  }
}

void AdamW::zero_grad() {
  for (Slot& slot : slots_) {
    slot.leaf.mutable_grad().reset();
    slot.gradient.reset();
  }
}

TensorMap AdamW::state() const {
  const at::NoGradGuard no_grad;
  TensorMap state;
  for (const Slot& slot : slots_) {
    const auto moment = [&](const at::Tensor& tensor) {
      return tensor.defined() ? tensor : at::zeros(slot.parameter.sizes(), slot.parameter.options().dtype(at::kFloat));
    };
    state["exp_avg/" + slot.name] = moment(slot.moment1);
    state["exp_avg_sq/" + slot.name] = moment(slot.moment2);
    if (slot.narrow()) state["master/" + slot.name] = slot.weights();
  }
  state["step"] = at::full({1}, steps_, at::kLong);
  return state;
}

void AdamW::load_state(const TensorMap& state) {
  const at::NoGradGuard no_grad;
  const auto found = [&](const std::string& name, at::IntArrayRef sizes) -> const at::Tensor& {
    const auto entry = state.find(name);
    if (entry == state.end() || entry->second.sizes() != sizes)
      throw UserError(
          fmt::format("The optimizer's state does not fit this run: “{}” is {}. It was written by a run with "
                      "another model or other trained parts; start a new run instead.",
                      name, entry == state.end() ? "missing" : "of another shape"));
    return entry->second;
  };
  const auto numbers = [&](const std::string& name, at::IntArrayRef sizes) -> const at::Tensor& {
    const at::Tensor& values = found(name, sizes);
    if (!values.is_floating_point() || !all_finite(values)) refuse_damage(name);
    return values;
  };
  for (Slot& slot : slots_) {
    const at::IntArrayRef sizes = slot.parameter.sizes();
    const at::Tensor& moment1 = numbers("exp_avg/" + slot.name, sizes);
    const at::Tensor& moment2 = numbers("exp_avg_sq/" + slot.name, sizes);
    if (moment2.numel() > 0 && moment2.min().item<double>() < 0) refuse_damage("exp_avg_sq/" + slot.name);
    slot.reached = moment2.any().item<bool>();
    if (slot.narrow()) slot.set_weights(numbers("master/" + slot.name, sizes));
    // Moments of 0 are those of a parameter that no gradient has reached.
    slot.moment1.reset();
    slot.moment2.reset();
    if (!slot.reached) continue;
    allocate(slot);
    slot.moment1.copy_(moment1);
    slot.moment2.copy_(moment2);
  }
  const at::Tensor& step = found("step", {1});
  if (step.scalar_type() != at::kLong || step.item<int64_t>() < 0) refuse_damage("step");
  steps_ = step.item<int64_t>();
}

}  // namespace llavakd
