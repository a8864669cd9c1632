// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/kernels/bfloat.h"

namespace llavakd {

// Cross-entropy and divergence of rows of logits with their derivative, on the CPU: per row the largest logit, the sums
// of exponentials with the cross terms, and the derivative written over the student's logits. Arithmetic is float32 in
// short blocks, whose sums are added in float64. NaN stays NaN. The plain form is core/losses/divergences.cpp and
// cross_entropy.cpp.

/// A divergence D(p, q) of the teacher's p and the student's q, with d = log(p/q) and the mixture m = α p + (1-α) q.
struct LogitDivergence {
  enum class Kind {
    none,
    forward_kl,      ///< Σ p log(p/q)
    weighted_kl,     ///< weight_p Σ p log(p/q) + weight_q Σ q log(q/p)
    mixture_kl,      ///< weight_p Σ p log(p/m) + weight_q Σ q log(q/m)
    total_variation  ///< ½ Σ |p - q|
  };
  Kind kind = Kind::none;
  float weight_p = 0, weight_q = 0;
  float alpha = 0;  ///< mixture_kl only.
};

/// Settings shared by rows that are run together.
struct LogitRowsTask {
  LogitDivergence divergence;
  double temperature = 1;  ///< Divides the logits of the divergence; the caller multiplies its value.
  int64_t vocabulary = 0;  ///< Logits in a row of the student: cross-entropy reads all.
  int64_t common = 0;      ///< The first of them, which the divergence compares; at most `vocabulary`.
  bool gradient = true;
};

/// One row: its scales (in) and values (out).
struct LogitRow {
  int64_t label = -1;             ///< Below 0: the row has no cross-entropy. Below task.vocabulary.
  double ce_scale = 0;            ///< Factor of the cross-entropy's derivative.
  double divergence_scale = 0;    ///< Factor of the divergence's derivative by logits / temperature.
  double ce = 0, divergence = 0;  ///< Values, unscaled.
};

/// Runs `count` rows: student [count, vocabulary] with that stride, teacher [count, at least common] `teacher_stride`
/// apart (null without a divergence). With task.gradient, student holds afterwards ce_scale · ∂ce/∂logits +
/// divergence_scale · ∂divergence/∂(logits/temperature), in its own type.
void logit_rows(float* student, const float* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                const LogitRowsTask& task);
void logit_rows(Bfloat* student, const Bfloat* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                const LogitRowsTask& task);

}  // namespace llavakd
