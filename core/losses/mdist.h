// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/kernels/logit_rows.h"
#include "core/losses/distillation_loss.h"

namespace llavakd {

/// Multimodal distillation (MDist, LLaVA-KD equations 3 and 4): the divergence of the student's next-token distribution
/// q from the teacher's p, row by row, summed over the vocabulary, natural log, times temperature².
/// Both logits [rows, vocab] -> [rows]. Differentiable in the student's. With weights of the released code:
///   forward_kl          Σ p log(p/q)
///   reverse_kl          Σ q log(q/p)
///   symmetric_kl        0.1 Σ p log(p/q) + 0.9 Σ q log(q/p)
///   js_distance         0.9 Σ q log(q/m) + 0.1 Σ p log(p/m)     m = 0.1 p + 0.9 q
///   tv_distance         ½ Σ |p - q|
///   skewed_forward_kl   Σ p log(p/m)                            m = 0.1 p + 0.9 q
///   skewed_reverse_kl   Σ q log(q/m)                            m = 0.9 p + 0.1 q
/// and the generalised Jensen–Shannon divergence of GKD (arXiv 2306.13649, equation 1) with its β, as TRL 1.16's
/// GKDTrainer and ms-swift define it: at 0 and 1, where the formula gives 0, forward and reverse KL take its place.
///   jsd                 β Σ p log(p/m) + (1 - β) Σ q log(q/m)   m = β p + (1 - β) q;   β 0: forward_kl, 1: reverse_kl
/// The released forward and skewed forward forms leave out the teacher's entropy, a constant without gradient; here
/// every divergence is 0 at equality.
at::Tensor divergence_rows(Divergence divergence, const at::Tensor& teacher_logits, const at::Tensor& student_logits,
                           double temperature = 1, double beta = 0.5);

/// The same as the loops of core/kernels/logit_rows.h take it.
LogitDivergence loop_form(Divergence divergence, double beta = 0.5);

/// A divergence and its closed-form derivative.
struct DivergenceRows {
  at::Tensor values;    ///< [rows]
  at::Tensor gradient;  ///< [rows, vocab], with respect to the student's logits; undefined unless asked for.
};

/// The same without a graph from log-probabilities, for temperature 1. Overwrites both arguments.
DivergenceRows divergence_with_gradient(Divergence divergence, at::Tensor log_p, at::Tensor log_q, bool with_gradient,
                                        double beta = 0.5);

}  // namespace llavakd
