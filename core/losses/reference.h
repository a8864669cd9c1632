// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <vector>

#include "core/losses/loss_term.h"

namespace llavakd {

/// One sample's final hidden states [T, W] and logits [T, V] of both models; the teacher's undefined without one.
struct ReferenceOutputs {
  at::Tensor student_hidden, teacher_hidden;
  at::Tensor student_logits, teacher_logits;
};

// The equations of LLaVA-KD (arXiv 2410.16236) for one sample, on whole matrices. A scalar; undefined where the sample
// has no positions of the kind that the term reads.

/// Equation 2: the mean of -log p(label) over the labelled positions.
at::Tensor reference_cross_entropy(const ReferenceOutputs& outputs, const Sequence& sequence, const Term& term);
/// Equations 3 and 4: the mean of D(teacher, student) over the term's positions, on the tokens that both models know.
at::Tensor reference_divergence(const ReferenceOutputs& outputs, const Sequence& sequence, const Term& term);
/// Equations 5 and 6: 1 - cos(R_student, R_teacher) with R = Z Zᵀ of an image's rows, the mean over the images.
at::Tensor reference_relation(const ReferenceOutputs& outputs, const Sequence& sequence, const Term& term);

/// The objective, sample by sample: differentiable and slow. It is what the tests hold `distillation_loss` to, whose
/// arguments it has, and the page to read first. Scalar, in the type of the hidden states.
at::Tensor reference_loss(const ModelOutput& student, const ModelOutput* teacher,
                          const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser);

}  // namespace llavakd
