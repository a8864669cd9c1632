// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/model_spec/model_config.h"

namespace llavakd {

/// Cosines and sines of the angles of some positions, each [T, rotary_dim / 2], float32 (float64 for float64 models).
struct RotaryTable {
  at::Tensor cos, sin;
};

/// Radians per position of each pair (RoPE, arXiv 2104.09864), float32 [rotary_dim / 2], after scaling: linear divides
/// all; llama3 divides the slow ones and blends between two wavelengths; yarn (arXiv 2309.00071, section 3.2) divides
/// the slow ones along a ramp over the dimensions; longrope (arXiv 2402.13753) divides each by its own factor. As in
/// Hugging Face's modeling_rope_utils.
at::Tensor rotary_frequencies(const LanguageConfig& config, const at::TensorOptions& options);

/// The cosines and sines of positions first … first + tokens - 1. Dynamic scaling begins beyond
/// max_position_embeddings, where its angles would depend on the longest sequence seen before (so in Hugging Face's
/// classes): UserError.
RotaryTable rotary_table(const LanguageConfig& config, int64_t first, int64_t tokens, const at::TensorOptions& options);

}  // namespace llavakd
