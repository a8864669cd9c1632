// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/kernels/adamw_update.h"
#include "core/models/tensor_map.h"

namespace llavakd {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;   ///< Decoupled; only for weights that is_decayed.
  double max_grad_norm = 1;  ///< Over all parameters together. 0: no clipping.
};

/// Whether weight decay applies: matrices yes, biases and norm weights no (Hugging Face's get_parameter_names rule).
bool is_decayed(const std::string& name, const at::Tensor& parameter);

/// AdamW with a clipped update and float32 state. Parameters of 16 bits keep what float32 has beyond them: on the CPU
/// the other half of a bfloat16 (split_float.h), elsewhere a whole copy. Their gradients are summed in float32; where a
/// step has but one, it is used as it is. Nothing is allocated before the first update.
class AdamW {
 public:
  /// `parameters` require gradients and stay shared with the model, which sees each update.
  AdamW(TensorMap parameters, AdamWOptions options);

  /// To be called after each backward: takes the parameters' gradients over into the step's sum.
  void collect();

  /// Norm of the gradient of all parameters together, before clipping.
  double gradient_norm() const;

  /// One update with this gradient norm (from gradient_norm()); then forgets the gradients.
  /// Clipping as torch.nn.utils.clip_grad_norm_: factor max / (norm + 1e-6) when that is below 1.
  void step(double learning_rate, double gradient_norm);

  /// Forgets the gradients.
  void zero_grad();

  /// Everything that the next update depends on, by name: `exp_avg/P`, `exp_avg_sq/P`, `master/P` (16-bit parameters)
  /// and `step`.
  TensorMap state() const;

  /// Takes over what state() gave. Throws UserError when a tensor is missing or has another shape.
  void load_state(const TensorMap& state);

  int64_t steps() const { return steps_; }

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter;  ///< The model's, without graph.
    at::Tensor leaf;       ///< The model's, which has the gradient.
    at::Tensor remainder;  ///< int16: the lower half of float32 weights, of which the parameter is the upper.
    at::Tensor master;     ///< float32 weights of a parameter of 16 bits that isn't split.
    at::Tensor gradient;   ///< Sum of the step, undefined before the first collect().
    at::Tensor moment1, moment2;
    bool decayed = false;
    bool split = false;
    bool reached = false;  ///< Has had a gradient before: where one is missing (a batch without pictures) it is 0.

    bool narrow() const { return parameter.scalar_type() != at::kFloat; }
    at::Tensor weights() const;  ///< float32; the parameter itself or a copy.
    void set_weights(const at::Tensor& weights);
  };
  static void prepare(Slot& slot);
  static void allocate(Slot& slot);
  AdamWCoefficients coefficients(const Slot& slot, double learning_rate, double scale) const;
  static void update_on_cpu(Slot& slot, const AdamWCoefficients& coefficients);
  void update_on_device(double learning_rate, double scale);
  void update_plainly(double learning_rate, double scale);

  AdamWOptions options_;
  std::vector<Slot> slots_;
  int64_t steps_ = 0;
};

}  // namespace llavakd
