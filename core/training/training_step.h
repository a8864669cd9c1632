// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/distributed/communicator.h"
#include "core/losses/distillation_loss.h"
#include "core/losses/head_gram.h"
#include "core/models/multimodal_model.h"
#include "core/training/adamw.h"
#include "core/training/batch.h"
#include "core/training/forward.h"
#include "core/training/gradient_buffer.h"
#include "core/training/memory_limits.h"
#include "core/training/phases.h"
#include "core/training/sample_error.h"
#include "core/training/step_metrics.h"

namespace llavakd {

/// The trained tensor with most of a step's squared gradient.
struct SteepestTensor {
  size_t index = 0;  ///< In the order of the parameters' map.
  double share = 0;  ///< Of the squared gradient; 0 where it isn't known.
};

struct StepResult {
  StepMetrics metrics;                ///< Raw means of the terms, tokens, samples.
  double grad_norm = 0;               ///< Of all trained parameters together, before clipping.
  SteepestTensor steepest;            ///< Not known where several ranks share the sum of squares.
  StepPhases phases;                  ///< `waiting` is the caller's.
  std::vector<std::string> warnings;  ///< What was lowered for want of memory.
};

/// One optimizer step: every micro-batch through teacher and student, terms, backward, then norm, clipping and update.
/// The gradient is that of the mean over the step's samples of all ranks, however they are cut into micro-batches.
class TrainingStep {
 public:
  /// Everything referred to must outlive this; `teacher` may be null where no term needs it. `limits`: what memory is
  /// known to allow.
  TrainingStep(const MultimodalModel* teacher, const MultimodalModel& student, std::vector<Term> terms,
               AdamW& optimizer, Forward::Plan plan, Communicator& communicator, MemoryLimits limits = {});

  /// Every rank does the step with its own samples. Where memory runs out on one of them, the limits of all are lowered
  /// for good and the step begins again with the same samples: the weights are touched when everything else is done.
  /// Throws RunError when that doesn't help, and NotANumberError when a term or a gradient is not a number, which names
  /// sample, term and layer where it can; the next call begins from the same weights.
  StepResult operator()(const StepBatch& batch, double learning_rate);

  const MemoryLimits& limits() const { return limits_; }

 private:
  std::optional<StepResult> attempt(const StepBatch& batch, int64_t samples, double learning_rate);
  bool update(int64_t samples, double learning_rate, StepResult& result);
  double squared_norm(SteepestTensor& steepest) const;
  void accumulate_gradients(const StepBatch& batch, int64_t samples, StepResult& result);
  void forward_backward(const MicroBatch& micro, double samples, StepResult& result);
  template <class Work>
  bool fits(const Work& work);
  void free_memory();
  std::string lower_limits(const StepBatch& batch);
  std::shared_ptr<HeadGram> new_head_gram(size_t uses) const;
  [[noreturn]] void find_nonfinite_sample(const StepBatch& batch);
  SampleError with_place(const SampleError& error, const MicroBatch& micro) const;

  const MultimodalModel* teacher_;
  const MultimodalModel& student_;
  const std::vector<Term> terms_;
  const bool reads_head_gram_;
  const bool may_recompute_;
  const FeatureCache::LoadPixels load_pixels_;
  AdamW& optimizer_;
  GradientBuffer gradients_;
  Forward forward_;
  Communicator& communicator_;
  MemoryLimits limits_;
  bool out_of_memory_ = false;           ///< This rank, in the present attempt.
  std::shared_ptr<HeadGram> head_gram_;  ///< Of the present step, where the head learns.
};

}  // namespace llavakd
