// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/adamw.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>

#include "core/kernels/adamw_update.h"
#include "core/project/errors.h"

namespace llavakd {
namespace {

// Fixed blocks make sums independent of the number of threads.
constexpr int64_t block = 1 << 15;

double sum_of_squares_in_blocks(const at::Tensor& tensor) {
  const float* values = tensor.const_data_ptr<float>();
  const int64_t count = tensor.numel();
  std::vector<double> sums(static_cast<size_t>((count + block - 1) / block));
  at::parallel_for(0, static_cast<int64_t>(sums.size()), 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sums[static_cast<size_t>(i)] = sum_of_squares(values + i * block, std::min(block, count - i * block));
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace

bool is_decayed(const std::string& name, const at::Tensor& parameter) {
  return parameter.dim() >= 2 && name.find("bias") == std::string::npos && name.find("norm") == std::string::npos;
}

AdamW::AdamW(TensorMap parameters, AdamWOptions options) : options_(options) {
  const at::NoGradGuard no_grad;
  for (auto& [name, parameter] : parameters) {
    Slot slot{.name = name, .parameter = parameter, .decayed = is_decayed(name, parameter)};
    const bool wide = parameter.scalar_type() == at::kFloat;
    slot.weight = wide ? parameter.detach() : parameter.detach().to(at::kFloat);
    slot.moment1 = at::zeros_like(slot.weight, at::MemoryFormat::Contiguous);
    slot.moment2 = at::zeros_like(slot.moment1);
    TORCH_CHECK(slot.weight.is_contiguous(), "parameter is not contiguous: ", name);
    slots_.push_back(std::move(slot));
  }
}

void AdamW::collect() {
  const at::NoGradGuard no_grad;
  for (Slot& slot : slots_) {
    at::Tensor& gradient = slot.parameter.mutable_grad();
    if (!gradient.defined()) continue;
    if (gradient.scalar_type() == at::kFloat) {
      // Autograd goes on adding to this very tensor.
      if (!gradient.is_contiguous()) gradient = gradient.contiguous();
      slot.gradient = gradient;
      continue;
    }
    if (!slot.gradient.defined())
      slot.gradient = gradient.to(at::kFloat).contiguous();
    else
      slot.gradient.add_(gradient);
    gradient.reset();
  }
}

double AdamW::gradient_norm() const {
  const at::NoGradGuard no_grad;
  double total = 0;
  for (const Slot& slot : slots_) {
    if (!slot.gradient.defined()) continue;
    total += slot.gradient.is_cpu() ? sum_of_squares_in_blocks(slot.gradient)
                                    : slot.gradient.square().sum(at::kDouble).item<double>();
  }
  return std::sqrt(total);
}

void AdamW::step(double learning_rate, double gradient_norm) {
  const at::NoGradGuard no_grad;
  ++steps_;
  for (Slot& slot : slots_) {
    slot.reached = slot.reached || slot.gradient.defined();
    if (slot.reached && !slot.gradient.defined()) slot.gradient = at::zeros_like(slot.weight);
  }
  double scale = 1;
  if (options_.max_grad_norm > 0) scale = std::min(1.0, options_.max_grad_norm / (gradient_norm + 1e-6));
  if (!slots_.empty() && !slots_.front().weight.is_cpu())
    update_on_device(learning_rate, scale);
  else
    for (Slot& slot : slots_) update_on_cpu(slot, learning_rate, scale);
  for (Slot& slot : slots_)
    if (slot.parameter.scalar_type() != at::kFloat) slot.parameter.detach().copy_(slot.weight);
  zero_grad();
}

void AdamW::update_on_cpu(Slot& slot, double learning_rate, double scale) const {
  if (!slot.gradient.defined()) return;
  const double t = static_cast<double>(steps_);
  const AdamWCoefficients coefficients{
      .gradient_scale = static_cast<float>(scale),
      .beta1 = static_cast<float>(options_.beta1),
      .beta2 = static_cast<float>(options_.beta2),
      .keep = static_cast<float>(1 - learning_rate * (slot.decayed ? options_.weight_decay : 0)),
      .step_size = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, t))),
      .inverse_root_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t))),
      .eps = static_cast<float>(options_.eps)};
  float* weight = slot.weight.data_ptr<float>();
  const float* gradient = slot.gradient.const_data_ptr<float>();
  float* moment1 = slot.moment1.data_ptr<float>();
  float* moment2 = slot.moment2.data_ptr<float>();
  at::parallel_for(0, slot.weight.numel(), block, [&](int64_t begin, int64_t end) {
    adamw_update(weight + begin, gradient + begin, moment1 + begin, moment2 + begin, end - begin, coefficients);
  });
}

void AdamW::update_on_device(double learning_rate, double scale) {
  for (const bool decayed : {true, false}) {
    std::vector<at::Tensor> weights, gradients, moments1, moments2, steps;
    for (Slot& slot : slots_) {
      if (slot.decayed != decayed || !slot.gradient.defined()) continue;
      weights.push_back(slot.weight);
      gradients.push_back(slot.gradient.mul_(scale));
      moments1.push_back(slot.moment1);
      moments2.push_back(slot.moment2);
      steps.push_back(at::full({}, static_cast<double>(steps_), slot.weight.options()));
    }
    if (weights.empty()) continue;
    at::_fused_adamw_(weights, gradients, moments1, moments2, {}, steps, learning_rate, options_.beta1, options_.beta2,
                      decayed ? options_.weight_decay : 0, options_.eps, false, false, std::nullopt, std::nullopt);
  }
}

void AdamW::zero_grad() {
  for (Slot& slot : slots_) {
    slot.parameter.mutable_grad().reset();
    slot.gradient.reset();
  }
}

TensorMap AdamW::state() const {
  TensorMap state;
  for (const Slot& slot : slots_) {
    state["exp_avg/" + slot.name] = slot.moment1;
    state["exp_avg_sq/" + slot.name] = slot.moment2;
    if (slot.parameter.scalar_type() != at::kFloat) state["master/" + slot.name] = slot.weight;
  }
  state["step"] = at::full({1}, steps_, at::kLong);
  return state;
}

void AdamW::load_state(const TensorMap& state) {
  const at::NoGradGuard no_grad;
  const auto take = [&](const std::string& name, at::Tensor& into) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != into.sizes())
      throw UserError(
          fmt::format("The optimizer's state does not fit this run: “{}” is {}. It was written by a run with "
                      "another model or other trained parts; start a new run instead.",
                      name, found == state.end() ? "missing" : "of another shape"));
    into.copy_(found->second);
  };
  for (Slot& slot : slots_) {
    take("exp_avg/" + slot.name, slot.moment1);
    take("exp_avg_sq/" + slot.name, slot.moment2);
    slot.reached = slot.moment2.any().item<bool>();
    if (slot.parameter.scalar_type() == at::kFloat) continue;
    take("master/" + slot.name, slot.weight);
    slot.parameter.detach().copy_(slot.weight);
  }
  at::Tensor step = at::zeros({1}, at::kLong);
  take("step", step);
  steps_ = step.item<int64_t>();
}

}  // namespace llavakd
