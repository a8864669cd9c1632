// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include "core/losses/loss_term.h"

namespace llavakd {

/// R = Z Zᵀ of LLaVA-KD's equation 5: how the rows of one image relate. Z [..., rows, features] -> [..., rows, rows].
at::Tensor relation_matrix(const at::Tensor& features);

/// 1 - cos of two relation matrices, each taken as one long vector (equation 6). Both [..., rows, rows] -> [...],
/// float64, since 1 - cos cancels. Norms below 1e-8 count as 1e-8. Differentiable in both.
at::Tensor relation_distance(const at::Tensor& student, const at::Tensor& teacher);

/// Relation matrices of the logits Z = H Wᵀ + b, cut to the first `vocabulary` of them, for images of equal size, in
/// float32 (float64 for float64 hidden states). Both methods are exact and hold no row of logits:
///   gram    H (WᵀW) Hᵀ, with a bias + 1 (H Wᵀb)ᵀ + (H Wᵀb) 1ᵀ + bᵀb
///   logits  (Z W) Hᵀ + Z b 1ᵀ, block by block of the vocabulary
/// hidden [images, rows, W] -> [images, rows, rows]. Differentiable in hidden and the model's head and bias, except
/// that the head's share of model.step_gram waits for its flush_gradient(). Of `model`, hidden is not read.
at::Tensor relation_of_logits(RelationMethod method, const at::Tensor& hidden, const ModelOutput& model,
                              int64_t vocabulary);

/// The cheaper method for these hidden states.
RelationMethod cheaper_relation(const at::Tensor& hidden, const ModelOutput& model, int64_t vocabulary);

/// How relations are compared in training: those of the hidden states, or those of the logits by the cheaper method.
RelationMethod relation_method(bool on_hidden, const at::Tensor& hidden, const ModelOutput& model, int64_t vocabulary);

/// The relation matrices that training compares, by that method: the same numbers wherever they are shown. Arguments
/// and types as for relation_of_logits().
at::Tensor compared_relations(RelationMethod method, const at::Tensor& hidden, const ModelOutput& model,
                              int64_t vocabulary);

/// Multiplications of the two methods for images · rows hidden states, in units of float32 ones, with the backward pass
/// when the head learns.
double relation_cost_logits(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, bool head_learns);
/// `gram_share` and `gradient_share`: what each of the width² · vocabulary multiplications for WᵀW and for the head's
/// gradient costs; 0 when known or not needed.
double relation_cost_gram(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, double gram_share,
                          double gradient_share);

}  // namespace llavakd
