// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <random>

namespace llavakd {

/// How the next token is chosen.
struct Sampling {
  double temperature = 0;  ///< 0: the likeliest token, always; else the logits are divided by it.
  double top_p = 1;        ///< Only the likeliest tokens that together reach this probability (arXiv 1904.09751).
  uint64_t seed = 0;       ///< The same seed, the same answer.
  bool is_greedy() const { return temperature == 0; }
};

/// Throws UserError that names the value: a temperature below 0 or above 100, a top_p outside (0, 1].
void refuse_wrong_sampling(const Sampling& sampling);

/// Chooses the tokens of one answer. The generator is the standard's mt19937_64, so that a seed means the same on every
/// machine where the logits are the same.
class TokenSampler {
 public:
  explicit TokenSampler(const Sampling& sampling);
  /// logits [V] or [1, V] -> the id of a token. Of equally likely tokens the lower id comes first.
  int64_t next(const at::Tensor& logits);

 private:
  Sampling sampling_;
  std::mt19937_64 generator_;
};

}  // namespace llavakd
