// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/models/tensor_map.h"

namespace llavakd {

/// Whether weight decay applies: matrices yes, biases and norm weights no (Hugging Face's get_parameter_names rule).
bool is_decayed(const std::string& name, const at::Tensor& parameter);

/// The bits of a contiguous bfloat16 tensor of the host.
uint16_t* bfloat16_bits(const at::Tensor& tensor);

/// What AdamW keeps of one parameter between updates, in float32.
struct ParamState {
  std::string name;
  at::Tensor parameter;  ///< The model's, without graph: what it sees is changed in place.
  at::Tensor remainder;  ///< int16: the lower half of float32 weights, of which the parameter is the upper.
  at::Tensor master;     ///< float32 weights of a parameter of 16 bits that isn't split.
  at::Tensor exp_avg, exp_avg_sq;
  bool decayed = false;
  bool split = false;    ///< A bfloat16 parameter of the host, which is one half of its float32 weights.
  bool reached = false;  ///< Has had a gradient before: where one is missing (a batch without images) it is 0.

  bool is_half() const { return parameter.scalar_type() != at::kFloat; }
  /// float32; the parameter itself or a copy.
  at::Tensor weights() const;
  void set_weights(const at::Tensor& weights);
  /// Makes what an update needs and isn't there yet.
  void allocate();
};

/// AdamW's state over all parameters: everything that the next update depends on besides weights and gradients.
/// Parameters of 16 bits keep what float32 has beyond them: on the CPU the other half of a bfloat16 (split_float.h),
/// elsewhere a whole copy. Nothing is allocated before the first update.
struct AdamWState {
  std::vector<ParamState> parameters;  ///< In the order of the map that they came from.
  int64_t steps = 0;

  explicit AdamWState(const TensorMap& trained);

  /// By name: `exp_avg/P`, `exp_avg_sq/P`, `master/P` (16-bit parameters) and `step`.
  TensorMap to_tensors() const;

  /// Takes over what to_tensors() gave. Throws UserError when a tensor is missing, has another shape, or holds what no
  /// optimizer has written.
  void load(const TensorMap& tensors);
};

}  // namespace llavakd
