// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// What one AdamW update needs in addition to the tensors; the same for all elements of a group.
struct AdamWCoefficients {
  float gradient_scale = 1;  ///< Clipping, folded into the update.
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float keep = 1;                     ///< 1 − learning rate · weight decay.
  float step_size = 0;                ///< Learning rate / (1 − beta1^t).
  float inverse_root_correction = 1;  ///< 1 / sqrt(1 − beta2^t).
  float eps = 1e-8F;
};

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2; order of operations as torch.optim.AdamW) on `count`
/// elements: weight, exp_avg and exp_avg_sq (the moments, named as in PyTorch) are updated in place.
void adamw_update(float* weight, const float* gradient, float* exp_avg, float* exp_avg_sq, int64_t count,
                  const AdamWCoefficients& coefficients);

/// The same on float32 weights in halves (split_float.h), of which `weight` is the model's bfloat16.
void adamw_update(uint16_t* weight, int16_t* remainder, const float* gradient, float* exp_avg, float* exp_avg_sq,
                  int64_t count, const AdamWCoefficients& coefficients);
/// The same with bfloat16 gradients.
void adamw_update(uint16_t* weight, int16_t* remainder, const uint16_t* gradient, float* exp_avg, float* exp_avg_sq,
                  int64_t count, const AdamWCoefficients& coefficients);

/// Float32 in halves, and back.
void split(const float* values, uint16_t* high, int16_t* remainder, int64_t count);
void join(const uint16_t* high, const int16_t* remainder, float* values, int64_t count);

/// Sum of squares in double precision. The order of additions depends on `count` alone.
double sum_of_squares(const float* values, int64_t count);
/// The same for bfloat16.
double sum_of_squares(const uint16_t* values, int64_t count);

}  // namespace llavakd
