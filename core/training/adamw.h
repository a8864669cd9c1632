// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>

#include "core/kernels/adamw_update.h"
#include "core/models/tensor_map.h"
#include "core/training/adamw_state.h"
#include "core/training/gradient_buffer.h"

namespace llavakd {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;   ///< Decoupled; only for weights that is_decayed.
  double max_grad_norm = 1;  ///< Over all parameters together. 0: no clipping.
};

/// AdamW with a clipped update and float32 state (AdamWState). The gradients are the caller's (GradientBuffer), made of
/// the same parameters.
class AdamW {
 public:
  /// `parameters` require gradients and stay shared with the model, which sees each update.
  AdamW(const TensorMap& parameters, AdamWOptions options);

  /// Allocates what the update of these gradients needs; what runs out of memory here has touched no weight.
  void prepare(GradientBuffer& gradients);

  /// One update with these gradients and their norm, after prepare(). Uses up the gradients and forgets them.
  /// Clipping as torch.nn.utils.clip_grad_norm_: factor max / (norm + 1e-6) when that is below 1.
  void update(GradientBuffer& gradients, double learning_rate, double gradient_norm);

  /// prepare() and update().
  void step(GradientBuffer& gradients, double learning_rate, double gradient_norm);

  /// Everything that the next update depends on, by name (AdamWState::to_tensors).
  TensorMap state() const { return state_.to_tensors(); }

  /// Takes over what state() gave. Throws UserError where it doesn't fit or is damaged.
  void load_state(const TensorMap& state) { state_.load(state); }

  int64_t steps() const { return state_.steps; }

 private:
  AdamWCoefficients coefficients(const ParamState& of, double learning_rate, double scale) const;
  void update_on_host(GradientBuffer& gradients, double learning_rate, double scale);
  void update_on_cuda(GradientBuffer& gradients, double learning_rate, double scale);
  void update_plainly(GradientBuffer& gradients, double learning_rate, double scale);

  AdamWOptions options_;
  AdamWState state_;
};

}  // namespace llavakd
