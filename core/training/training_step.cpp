// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/training_step.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"
#include "core/kernels/memory.h"
#include "core/training/broken_layer.h"
#include "core/training/stage.h"

namespace llavakd {

TrainingStep::TrainingStep(const MultimodalModel* teacher, const MultimodalModel& student, std::vector<Term> terms,
                           AdamW& optimizer, Forward::Plan plan, Communicator& communicator, MemoryLimits limits)
    : teacher_(teacher),
      student_(student),
      terms_(std::move(terms)),
      reads_head_gram_(teacher && plan.reads_head_gram),
      may_recompute_(plan.may_recompute),
      load_pixels_(plan.load_pixels),
      optimizer_(optimizer),
      gradients_(trained_parameters(student)),
      forward_(teacher, student, plan),
      communicator_(communicator),
      limits_(limits) {}

StepResult TrainingStep::operator()(const StepBatch& batch, double learning_rate) {
  const int64_t samples = communicator_.sum(batch.samples);
  std::vector<std::string> warnings;
  for (;;) {
    const StepBatch fitting =
        limits_.micro_batch_size > 0 ? split_micro_batches(batch, limits_.micro_batch_size) : batch;
    if (std::optional<StepResult> result = attempt(fitting, samples, learning_rate)) {
      result->warnings = std::move(warnings);
      return std::move(*result);
    }
    free_memory();
    warnings.push_back(lower_limits(fitting));
  }
}

// By now the unwound step has let go of what it held.
void TrainingStep::free_memory() {
  head_gram_.reset();
  gradients_.clear();
  release_cached_blocks();
  if (!student_.head_weight().is_cpu()) at::accelerator::emptyCache();
}

std::string TrainingStep::lower_limits(const StepBatch& batch) {
  std::string warning = "Memory did not suffice in another process of the run, whose limits hold here, too.";
  if (out_of_memory_) warning = reduce_memory(limits_, batch, may_recompute_);
  limits_ = lowest_of_ranks(limits_, communicator_);
  return warning;
}

// Whether the work went through on every rank; if not, because memory ran out on one. Other errors pass.
template <class Work>
bool TrainingStep::fits(const Work& work) {
  out_of_memory_ = false;
  try {
    work();
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
    out_of_memory_ = true;
  }
  return communicator_.all(!out_of_memory_);
}

// Nothing if memory ran out.
std::optional<StepResult> TrainingStep::attempt(const StepBatch& batch, int64_t samples, double learning_rate) {
  StepResult result{.metrics = StepMetrics(terms_, batch)};
  gradients_.clear();  // of a step that was given up
  if (!fits([&] { accumulate_gradients(batch, samples, result); })) return std::nullopt;
  refuse_changed_mappings();
  result.metrics.sum_over_ranks(communicator_);
  bool updated = false;
  {
    const PhaseTimer timer(result.phases.optimizer);
    updated = update(samples, learning_rate, result);
  }
  if (!std::isfinite(result.grad_norm)) find_nonfinite_sample(batch);
  if (!updated) return std::nullopt;
  return result;
}

// False if memory ran out. A gradient that isn't finite changes no weight.
bool TrainingStep::update(int64_t samples, double learning_rate, StepResult& result) {
  gradients_.sum_over_ranks(communicator_);
  double squares = 0;
  const auto prepare = [&] {
    squares = squared_norm(result.steepest);
    if (samples > 0) optimizer_.prepare(gradients_);
  };
  if (!fits(prepare)) return false;
  communicator_.sum(std::span(&squares, 1));
  result.grad_norm = std::sqrt(squares);
  if (samples > 0 && std::isfinite(result.grad_norm)) optimizer_.update(gradients_, learning_rate, result.grad_norm);
  return true;
}

// Of this rank's share of the tensors.
double TrainingStep::squared_norm(SteepestTensor& steepest) const {
  const ShardRange own = shard_range(gradients_.size(), communicator_.rank(), communicator_.world_size());
  double squares = 0, most = 0;
  for (size_t i = own.begin; i < own.end; ++i) {
    const double of_one = gradients_.squared_norm({.begin = i, .end = i + 1});
    squares += of_one;
    if (of_one > most) most = of_one, steepest.index = i;
  }
  steepest.share = communicator_.world_size() == 1 && most > 0 ? most / squares : 0;
  return squares;
}

void TrainingStep::accumulate_gradients(const StepBatch& batch, int64_t samples, StepResult& result) {
  head_gram_ = new_head_gram(batch.micro_batches.size());
  for (const MicroBatch& micro : batch.micro_batches) {
    forward_backward(micro, static_cast<double>(samples), result);
    const PhaseTimer timer(result.phases.backward);
    // What all micro-batches left for the head is added to the last one's gradient.
    if (head_gram_ && &micro == &batch.micro_batches.back())
      head_gram_->flush_gradient(gradients_.of_micro_batch(head_gram_->head_weight()));
    gradients_.finish_micro_batch();
  }
  head_gram_.reset();
}

// WᵀW of a head that learns changes with each update only, however many micro-batches need it.
std::shared_ptr<HeadGram> TrainingStep::new_head_gram(size_t uses) const {
  const at::Tensor& head = student_.head_weight();
  if (!reads_head_gram_ || !head.requires_grad()) return nullptr;
  return std::make_shared<HeadGram>(head, std::min(head.size(0), teacher_->head_weight().size(0)),
                                    static_cast<int64_t>(uses));
}

void TrainingStep::forward_backward(const MicroBatch& micro, double samples, StepResult& result) {
  StepPhases& phases = result.phases;
  // The teacher's output is let go before backward, which needs the memory.
  const LossResult loss = [&] {
    auto [teacher_output, student_output] = forward_(micro, limits_.recompute, phases, gradients_.row_gradients());
    student_output.step_gram = head_gram_;
    const PhaseTimer timer(phases.loss);
    return distillation_loss(student_output, teacher_output ? &*teacher_output : nullptr, micro.sequences, terms_,
                             samples);
  }();
  try {
    result.metrics.add(micro, loss);
  } catch (const SampleError& error) {
    throw with_place(error, micro);
  }
  const PhaseTimer timer(phases.backward);
  // Text alone doesn't reach the connector.
  if (loss.total.requires_grad()) loss.total.backward();
}

// Where memory doesn't suffice for looking, what is known is said.
SampleError TrainingStep::with_place(const SampleError& error, const MicroBatch& micro) const {
  try {
    for (size_t i = 0; i < micro.sequences.size(); ++i)
      if (micro.sequences[i].id == error.sample())
        return SampleError(error.finding(), error.sample(),
                           broken_layer(teacher_, student_, part(micro, i, 1), load_pixels_));
  } catch (const std::exception&) {
    return error;
  }
  return error;
}

// The update has not been made, so the weights are those that gave the bad gradient: each sample is tried alone.
void TrainingStep::find_nonfinite_sample(const StepBatch& batch) {
  refuse_changed_mappings();
  StepResult ignored{.metrics = StepMetrics(terms_, batch)};
  for (const MicroBatch& micro : batch.micro_batches)
    for (size_t i = 0; i < micro.sequences.size(); ++i) {
      gradients_.clear();
      forward_backward(part(micro, i, 1), 1, ignored);
      gradients_.finish_micro_batch();
      if (std::isfinite(gradients_.norm())) continue;
      const std::string place = broken_gradient(trained_parameters(student_), gradients_);
      gradients_.clear();
      throw SampleError(fmt::format("The gradient of sample “{}” is not a number", micro.sequences[i].id),
                        micro.sequences[i].id, place);
    }
  if (batch.micro_batches.empty()) throw RunError("The gradient of another process of the run is not a number.");
  throw NotANumberError(
      fmt::format("The gradient overflowed in the step that begins with sample “{}”. Lower the learning rate; "
                  "the last checkpoint is still good.",
                  batch.micro_batches.front().sequences.front().id));
}

}  // namespace llavakd
