// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_step.h"

#include <fmt/format.h>

#include <cmath>

#include "core/project/errors.h"

namespace llavakd {

TrainingStep::TrainingStep(const MultimodalModel* teacher, const MultimodalModel& student, std::vector<Term> terms,
                           AdamW& optimizer, Forward::Plan plan)
    : student_(student), terms_(std::move(terms)), optimizer_(optimizer), forward_(teacher, student, plan) {}

StepResult TrainingStep::operator()(const StepBatch& batch, double learning_rate) {
  StepResult result{.tally = Tally(terms_, batch)};
  for (const MicroBatch& micro : batch.micro_batches) learn_from(micro, static_cast<double>(batch.samples), result);
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

void TrainingStep::learn_from(const MicroBatch& micro, double samples, StepResult& result) {
  StepPhases& phases = result.phases;
  // What the teacher says is let go before the way back, which needs the memory.
  const LossResult loss = [&] {
    const auto [teacher_says, student_says] = forward_(micro, phases);
    const PhaseTimer timer(phases.loss);
    return distillation_loss(student_says, teacher_says ? &*teacher_says : nullptr, micro.sequences, terms_, samples);
  }();
  result.tally.add(micro, loss);
  const PhaseTimer timer(phases.backward);
  // Text alone doesn't reach the connector.
  if (loss.total.requires_grad()) loss.total.backward();
  optimizer_.collect();
}

// The update has not been made, so the weights are those that gave the bad gradient: each sample is tried alone.
void TrainingStep::blame_for_gradient(const StepBatch& batch) {
  StepResult ignored{.tally = Tally(terms_, batch)};
  for (const MicroBatch& micro : batch.micro_batches)
    for (size_t i = 0; i < micro.sequences.size(); ++i) {
      optimizer_.zero_grad();
      learn_from(only(micro, i, student_.config().visual_tokens()), 1, ignored);
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
