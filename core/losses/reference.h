// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <vector>

#include "core/losses/distillation_loss.h"

namespace llavakd {

/// The objective of LLaVA-KD (arXiv 2410.16236, equations 2 to 6) on whole matrices of logits, sample by sample, as the
/// equations say it: differentiable and slow. It is what the tests hold `distillation_loss` to, whose arguments it has,
/// and the page to read first. Scalar, in the type of the hidden states.
at::Tensor reference_loss(const ModelOutput& student, const ModelOutput* teacher,
                          const std::vector<Sequence>& sequences, const std::vector<Term>& terms, double normaliser);

}  // namespace llavakd
