// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_step.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/kernels/memory.h"

namespace llavakd {

TrainingStep::TrainingStep(const MultimodalModel* teacher, const MultimodalModel& student, std::vector<Term> terms,
                           AdamW& optimizer, Forward::Plan plan, MemoryLimits limits)
    : teacher_(teacher),
      student_(student),
      terms_(std::move(terms)),
      reads_head_gram_(teacher && plan.reads_head_gram),
      may_recompute_(plan.may_recompute),
      optimizer_(optimizer),
      forward_(teacher, student, plan),
      limits_(limits) {}

StepResult TrainingStep::operator()(const StepBatch& batch, double learning_rate) {
  std::vector<std::string> warnings;
  for (;;) {
    const StepBatch fitting = limits_.micro_batch_size > 0 ? cut_smaller(batch, limits_.micro_batch_size) : batch;
    try {
      StepResult result = attempt(fitting, learning_rate);
      result.warnings = std::move(warnings);
      return result;
    } catch (const std::exception& error) {
      if (!is_out_of_memory(error)) throw;
    }
    // By now the unwound step has let go of what it held.
    head_gram_.reset();
    optimizer_.zero_grad();
    release_cached_blocks();
    if (!student_.head_weight().is_cpu()) at::accelerator::emptyCache();
    warnings.push_back(lower(limits_, fitting, may_recompute_));
  }
}

StepResult TrainingStep::attempt(const StepBatch& batch, double learning_rate) {
  StepResult result{.metrics = StepMetrics(terms_, batch)};
  const std::vector<MicroBatch>& micros = batch.micro_batches;
  head_gram_ = new_head_gram(micros.size());
  for (const MicroBatch& micro : micros) {
    const bool last = &micro == &micros.back();
    learn_from(micro, static_cast<double>(batch.samples), last ? head_gram_.get() : nullptr, result);
  }
  head_gram_.reset();
  {
    const PhaseTimer timer(result.phases.optimizer);
    result.grad_norm = optimizer_.gradient_norm();
    if (std::isfinite(result.grad_norm)) {
      if (batch.samples > 0) optimizer_.step(learning_rate, result.grad_norm);
      return result;
    }
  }
  blame_for_gradient(batch);
}

// WᵀW of a head that learns changes with each update only, however many micro-batches need it.
std::shared_ptr<HeadGram> TrainingStep::new_head_gram(size_t uses) const {
  const at::Tensor& head = student_.head_weight();
  if (!reads_head_gram_ || !head.requires_grad()) return nullptr;
  return std::make_shared<HeadGram>(head, std::min(head.size(0), teacher_->head_weight().size(0)),
                                    static_cast<int64_t>(uses));
}

void TrainingStep::learn_from(const MicroBatch& micro, double samples, HeadGram* finish, StepResult& result) {
  StepPhases& phases = result.phases;
  // What the teacher says is let go before the way back, which needs the memory.
  const LossResult loss = [&] {
    auto [teacher_says, student_says] = forward_(micro, limits_.recompute, phases);
    student_says.step_gram = head_gram_;
    const PhaseTimer timer(phases.loss);
    return distillation_loss(student_says, teacher_says ? &*teacher_says : nullptr, micro.sequences, terms_, samples);
  }();
  result.metrics.add(micro, loss);
  const PhaseTimer timer(phases.backward);
  // Text alone doesn't reach the connector.
  if (loss.total.requires_grad()) loss.total.backward();
  if (finish) finish->finish();
  optimizer_.collect();
}

// The update has not been made, so the weights are those that gave the bad gradient: each sample is tried alone.
void TrainingStep::blame_for_gradient(const StepBatch& batch) {
  StepResult ignored{.metrics = StepMetrics(terms_, batch)};
  for (const MicroBatch& micro : batch.micro_batches)
    for (size_t i = 0; i < micro.sequences.size(); ++i) {
      optimizer_.zero_grad();
      learn_from(part(micro, i, 1), 1, nullptr, ignored);
      if (!std::isfinite(optimizer_.gradient_norm()))
        throw RunError(
            fmt::format("The gradient of sample “{}” is not a number. Look at that sample, or lower the learning "
                        "rate; the last checkpoint is still good.",
                        micro.sequences[i].id));
    }
  throw RunError(
      fmt::format("The gradient overflowed in the step that begins with sample “{}”. Lower the learning rate; "
                  "the last checkpoint is still good.",
                  batch.micro_batches.front().sequences.front().id));
}

}  // namespace llavakd
