// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// What decides of a step's memory besides the models' sizes.
struct StepShape {
  int64_t bytes_per_number = 4;  ///< 2 for bf16.
  int64_t tokens_at_once = 0;    ///< Of the longest micro-batch, visual ones included.
  int64_t visual_at_once = 0;    ///< Visual tokens among them.
  int64_t loss_rows = 0;         ///< Rows of it that meet the head.
  bool several_micro_batches = false;
  bool distils = false;  ///< The teacher looks at the micro-batch, too.
  bool language_learns = false;
  bool connector_learns = false;
  bool tower_learns = false;
  bool recompute = false;  ///< Activation checkpointing of the student's decoder.
  int64_t trained_parameters = 0;
  int64_t student_parameters = 0;
  int64_t teacher_parameters = 0;  ///< Of an open teacher; without a tower that the student shares.
  bool on_host = true;             ///< The CPU's kernels keep less of norms, and split the optimizer's weights.
};

/// What memory holds where a step needs most of it, in bytes.
struct StepMemory {
  double student = 0, teacher = 0;  ///< Weights.
  double gradients = 0;
  double optimizer = 0;
  double activations = 0;  ///< Of a micro-batch: what backward needs, and what it is working on.
  double logits = 0;       ///< Chunks of both models' logits, and a trained head's gradient.
  double highest = 0;      ///< Of all at once. The last gradients come as the first activations go: less than the sum.
};

/// Memory of a step of this engine, counted from its code:
/// - weights in the run's precision; the parts that learn are copied, and their file's pages let go (make_trainable);
/// - gradients in the weights' type, and with several micro-batches a sum in float32 besides (GradientBuffer);
/// - AdamW's two moments in float32, and what bfloat16 lacks of the weights (AdamWState): 2 bytes on the host, 4 else;
/// - activations a token and decoder layer as autograd keeps them: inputs of both norms (the residual stream), queries,
///   keys, values, the attention's result, and both halves of the MLP; a decoder that learns keeps the inputs of its
///   linear layers, too (Korthikanti et al., arXiv 2205.05198, section 4.1, without dropout, for grouped keys and a
///   gated MLP). With recomputing the layer's input alone, and one whole layer (section 5.2 there);
/// - logits of a chunk of rows at a time (fused_lm_head).
StepMemory step_memory(const ModelConfig* teacher, const ModelConfig& student, const StepShape& shape);

}  // namespace llavakd
