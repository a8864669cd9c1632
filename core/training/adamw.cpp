// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/adamw.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/kernels/denormals.h"

namespace llavakd {
namespace {

constexpr int64_t update_block = 1 << 15;

void update_one_on_host(ParamState& of, const at::Tensor& gradient, const AdamWCoefficients& c) {
  float* exp_avg = of.exp_avg.data_ptr<float>();
  float* exp_avg_sq = of.exp_avg_sq.data_ptr<float>();
  const auto in_parallel = [&](const auto& update) {
    at::parallel_for(0, of.parameter.numel(), update_block, [&](int64_t begin, int64_t end) {
      const FlushDenormals flush;  // the averages of what no gradient reaches any more fade through them for long
      update(begin, end - begin);
    });
  };
  if (!of.split) {
    float* weight = (of.master.defined() ? of.master : of.parameter).data_ptr<float>();
    const float* values = gradient.const_data_ptr<float>();
    return in_parallel([&](int64_t at, int64_t count) {
      adamw_update(weight + at, values + at, exp_avg + at, exp_avg_sq + at, count, c);
    });
  }
  uint16_t* weight = bfloat16_bits(of.parameter);
  int16_t* remainder = of.remainder.data_ptr<int16_t>();
  const auto update = [&](const auto* values) {
    in_parallel([&, values](int64_t at, int64_t count) {
      adamw_update(weight + at, remainder + at, values + at, exp_avg + at, exp_avg_sq + at, count, c);
    });
  };
  if (gradient.scalar_type() == at::kBFloat16)
    update(static_cast<const uint16_t*>(bfloat16_bits(gradient)));
  else
    update(gradient.const_data_ptr<float>());
}

}  // namespace

AdamW::AdamW(const TensorMap& parameters, AdamWOptions options) : options_(options), state_(parameters) {}

void AdamW::prepare(GradientBuffer& gradients) {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(gradients.size() == state_.parameters.size(), "gradients of other parameters");
  for (size_t i = 0; i < gradients.size(); ++i) {
    ParamState& of = state_.parameters[i];
    at::Tensor& gradient = gradients.sum(i);
    if (!gradient.defined() && !of.reached) continue;
    if (!gradient.defined()) gradient = at::zeros_like(of.parameter);
    if (!of.split) gradient = gradient.to(at::kFloat);
    of.allocate();
    of.reached = true;
  }
}

void AdamW::update(GradientBuffer& gradients, double learning_rate, double gradient_norm) {
  const at::NoGradGuard no_grad;
  double scale = 1;
  if (options_.max_grad_norm > 0) scale = std::min(1.0, options_.max_grad_norm / (gradient_norm + 1e-6));
  const at::Device device = state_.parameters.empty() ? at::kCPU : state_.parameters.front().parameter.device();
  if (device.is_cpu())
    update_on_host(gradients, learning_rate, scale);
  else if (device.is_cuda())
    update_on_cuda(gradients, learning_rate, scale);
  else
    update_plainly(gradients, learning_rate, scale);
  for (ParamState& of : state_.parameters)
    if (of.master.defined()) of.parameter.copy_(of.master);
  ++state_.steps;
  gradients.clear();
}

void AdamW::step(GradientBuffer& gradients, double learning_rate, double gradient_norm) {
  prepare(gradients);
  update(gradients, learning_rate, gradient_norm);
}

AdamWCoefficients AdamW::coefficients(const ParamState& of, double learning_rate, double scale) const {
  const double t = static_cast<double>(state_.steps + 1);
  return {.gradient_scale = static_cast<float>(scale),
          .beta1 = static_cast<float>(options_.beta1),
          .beta2 = static_cast<float>(options_.beta2),
          .keep = static_cast<float>(1 - learning_rate * (of.decayed ? options_.weight_decay : 0)),
          .step_size = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, t))),
          .inverse_root_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t))),
          .eps = static_cast<float>(options_.eps)};
}

void AdamW::update_on_host(GradientBuffer& gradients, double learning_rate, double scale) {
  for (size_t i = 0; i < gradients.size(); ++i)
    if (gradients.sum(i).defined())
      update_one_on_host(state_.parameters[i], gradients.sum(i),
                         coefficients(state_.parameters[i], learning_rate, scale));
}

void AdamW::update_on_cuda(GradientBuffer& gradients, double learning_rate, double scale) {
  struct Group {
    double weight_decay = 0;
    std::vector<at::Tensor> weights, gradients, exp_avgs, exp_avg_sqs, steps;
  };
  Group decayed, plain;
  decayed.weight_decay = options_.weight_decay;
  // Both lists before either update: a step that runs out of memory must have touched nothing.
  for (size_t i = 0; i < gradients.size(); ++i) {
    at::Tensor& gradient = gradients.sum(i);
    if (!gradient.defined()) continue;
    const ParamState& of = state_.parameters[i];
    Group& group = of.decayed ? decayed : plain;
    group.weights.push_back(of.is_half() ? of.master : of.parameter);
    group.gradients.push_back(gradient.mul_(scale));
    group.exp_avgs.push_back(of.exp_avg);
    group.exp_avg_sqs.push_back(of.exp_avg_sq);
    group.steps.push_back(at::full({}, static_cast<double>(state_.steps + 1), of.exp_avg.options()));
  }
  for (const Group* group : {&decayed, &plain})
    if (!group->weights.empty())
      at::_fused_adamw_(group->weights, group->gradients, group->exp_avgs, group->exp_avg_sqs, {}, group->steps,
                        learning_rate, options_.beta1, options_.beta2, group->weight_decay, options_.eps, false, false,
                        std::nullopt, std::nullopt);
}

void AdamW::update_plainly(GradientBuffer& gradients, double learning_rate, double scale) {
  const double t = static_cast<double>(state_.steps + 1);
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients.sum(i).defined()) continue;
    const ParamState& of = state_.parameters[i];
    const at::Tensor& weight = of.master.defined() ? of.master : of.parameter;
    const at::Tensor& gradient = gradients.sum(i).mul_(scale);
    of.exp_avg.lerp_(gradient, 1 - options_.beta1);
    of.exp_avg_sq.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    weight.mul_(1 - learning_rate * (of.decayed ? options_.weight_decay : 0));
    const at::Tensor root = of.exp_avg_sq.sqrt().div_(std::sqrt(correction2)).add_(options_.eps);
    weight.addcdiv_(of.exp_avg, root, -learning_rate / correction1);
  }
}

}  // namespace llavakd
