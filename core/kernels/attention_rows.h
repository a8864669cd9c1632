// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/kernels/bfloat.h"

namespace llavakd {

/// Which columns of a row of scores are visible. Rows are numbered through blocks of `block` positions, one block a
/// head; row r has the position start + r mod block.
struct Visibility {
  int64_t columns = 0;
  int64_t block = 1;
  int64_t start = 0;
  bool causal = false;
  int64_t window = 0;  ///< Its own column and window - 1 earlier ones; 0: all.
};

/// softmax(scale · scores) over the visible columns, in place, 0 elsewhere, for rows first … first + rows - 1;
/// normalizer[r] = log Σ exp(scale · score). `scores` and `normalizer` point at row 0; scratch holds `columns` numbers.
void attention_softmax_rows(float* scores, float* normalizer, float* scratch, int64_t first, int64_t rows, float scale,
                            const Visibility& visibility);
void attention_softmax_rows(Bfloat* scores, float* normalizer, float* scratch, int64_t first, int64_t rows, float scale,
                            const Visibility& visibility);

/// Backward: scores become probabilities P = exp(scale · score - normalizer) again, and `gradient`, the derivative by
/// P, becomes that by the scores, scale P (g - Σ P g).
void attention_softmax_rows_backward(float* scores, const float* normalizer, float* gradient, int64_t first,
                                     int64_t rows, float scale, const Visibility& visibility);
void attention_softmax_rows_backward(Bfloat* scores, const float* normalizer, Bfloat* gradient, int64_t first,
                                     int64_t rows, float scale, const Visibility& visibility);

}  // namespace llavakd
