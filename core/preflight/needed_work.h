// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// One optimizer step as a stage makes it, for counting.
struct WorkOfStep {
  int64_t samples = 1;
  int64_t text_tokens = 0;      ///< Of all samples, without the visual ones.
  int64_t images = 0;           ///< Of all samples.
  int64_t visual_tokens = 0;    ///< Of all images.
  int64_t response_tokens = 0;  ///< Labelled positions of all samples.
  bool distils = true;          ///< With a teacher and all four terms; otherwise cross-entropy alone.
  bool language_learns = true;  ///< The student's language model; otherwise its connector alone.
  bool same_tower = true;       ///< One tower serves both models.
};

/// Floating-point operations of the matrix products that one step cannot do without, two for each multiplication: the
/// tower to the layer whose features are taken, once for both models when it is the same; both decoders on all
/// positions; the heads on the rows that a loss reads; relations through the head's Gram matrix, which a trained
/// head needs in each step; backward without what is frozen. Attention counts in full, as not every kernel makes use of
/// causal masks. Elementwise work and the optimizer's memory traffic don't count. Zero for a
/// connector other than mlpNx_gelu.
double needed_operations(const ModelConfig& teacher, const ModelConfig& student, const WorkOfStep& step);

}  // namespace llavakd
