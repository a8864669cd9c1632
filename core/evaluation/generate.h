// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "core/evaluation/sampling.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

/// How an answer is made, and who is asked and told meanwhile; each of them may be empty. A no ends the answer.
struct Generation {
  Sampling sampling = {};
  std::function<bool()> keep_going = {};  ///< Asked before each token.
  /// Asked before each 1024 tokens of the prompt, which go through the model one part after the other: time and memory
  /// of a long one are bounded so.
  std::function<bool()> prompt_wanted = {};
  /// Told when a token of the answer is known, also on a device that works ahead.
  std::function<void(int64_t id)> chosen = {};
};

/// Continuation of an expanded prompt with a key-value cache; pixel_values [images, 3, H, W] of its pictures, or
/// undefined. Stops at any of `end_ids` (which is not returned) or max_new_tokens. Greedy unless `how` samples.
std::vector<int64_t> generate(const MultimodalModel& model, const Sequence& prompt, const at::Tensor& pixel_values,
                              const std::vector<int64_t>& end_ids, int64_t max_new_tokens, const Generation& how = {});

/// The same from the embeddings of the prompt, [1, T, W].
std::vector<int64_t> generate_from(const MultimodalModel& model, const at::Tensor& embeddings,
                                   const std::vector<int64_t>& end_ids, int64_t max_new_tokens,
                                   const Generation& how = {});

}  // namespace llavakd
