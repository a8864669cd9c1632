// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <span>
#include <string_view>

#include "core/kernels/logit_rows.h"
#include "core/losses/loss_term.h"

namespace llavakd {

/// A divergence and its closed-form derivative.
struct DivergenceRows {
  at::Tensor values;    ///< [rows]
  at::Tensor gradient;  ///< [rows, V], with respect to the student's logits; undefined unless asked for.
};

/// A divergence of the student's next-token distribution q from the teacher's p, row by row: summed over the
/// vocabulary, natural log, 0 at equality. One row of the table in divergences.cpp, which has the equations; its name,
/// label and help are in the catalog. Arguments are log-probabilities [rows, V] and the β of those that have one.
struct Divergence {
  std::string_view name;
  /// [rows], differentiable in log_q: the equation, for the reference and the tests.
  at::Tensor (*value)(const at::Tensor& log_p, const at::Tensor& log_q, double beta);
  /// Value and derivative without a graph, for every device and type. Overwrites log_p and log_q.
  DivergenceRows (*with_gradient)(at::Tensor log_p, at::Tensor log_q, bool wants_gradient, double beta);
  /// The same as the loops of core/kernels/logit_rows.h take it.
  LogitDivergence (*logit_divergence)(double beta);
};

/// All divergences, in the order of the catalog.
std::span<const Divergence> divergences();

/// Multimodal distillation (MDist, LLaVA-KD equations 3 and 4): the divergence at a temperature, times temperature².
/// Both logits [rows, V] -> [rows]. Differentiable in the student's.
at::Tensor divergence_rows(const Divergence& divergence, const at::Tensor& teacher_logits,
                           const at::Tensor& student_logits, double temperature = 1, double beta = 0.5);

}  // namespace llavakd
