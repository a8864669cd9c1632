// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "core/losses/distillation_loss.h"
#include "core/models/multimodal_model.h"
#include "core/run/gradient_shares.h"
#include "core/training/batch.h"
#include "core/training/forward.h"

namespace llavakd {

struct GradientProductsOptions {
  /// Bytes of gradients that may be kept at a time. Where those of all terms take more, the batch is gone through
  /// several times, each time for some of the parameters: the result is the same.
  int64_t most_bytes = int64_t{1} << 33;
  /// Told of each backward pass.
  std::function<void(int64_t done, int64_t of)> progress = {};
};

struct BatchGradients {
  std::vector<double> values;           ///< Of each term, the mean over the samples.
  std::vector<GradientProducts> parts;  ///< From the pictures to the words; those without parameters are left out.
};

/// How the terms pull on what learns: the inner products of the gradients that each term alone, with weight 1 and as
/// the mean over all samples, has in each part of the student. One forward pass of a micro-batch, one backward pass of
/// each term; sums in float32 (float64 for a model of that). `student` requires gradients where it learns
/// (make_trainable()); `teacher` may be null where no term needs it. Throws RunError where a gradient isn't a number.
BatchGradients gradient_products(const MultimodalModel* teacher, const MultimodalModel& student,
                                 std::vector<Term> terms, const std::vector<MicroBatch>& batch,
                                 const Forward::Plan& plan, const GradientProductsOptions& options = {});

}  // namespace llavakd
