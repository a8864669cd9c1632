// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

namespace llavakd {

/// R = Z Zᵀ of LLaVA-KD's equation 5: how the rows of one image relate. Z [..., rows, features] -> [..., rows, rows].
at::Tensor relation_matrix(const at::Tensor& features);

/// 1 - cos of two relation matrices, each taken as one long vector (equation 6). Both [..., rows, rows] -> [...],
/// float64, since 1 - cos cancels. Norms below 1e-8 count as 1e-8. Differentiable in both.
at::Tensor relation_distance(const at::Tensor& student, const at::Tensor& teacher);

/// Relation matrices of the logits Z = H Wᵀ, cut to the first `vocabulary` of them, for images of equal size, in
/// float32 (float64 for float64 hidden states): the cheaper of Z Zᵀ and the exact H (WᵀW) Hᵀ, which never holds a row
/// of logits. A head's bias b adds 1 (H Wᵀb)ᵀ + (H Wᵀb) 1ᵀ + bᵀb to it. hidden [images, rows, width], head_weight
/// [vocab, width], gram = head_gram(head_weight, vocabulary) or undefined, head_bias [vocab] or undefined
/// -> [images, rows, rows]. Differentiable in hidden, head_weight and head_bias.
at::Tensor relation_of_logits(const at::Tensor& hidden, const at::Tensor& head_weight, const at::Tensor& gram,
                              int64_t vocabulary, const at::Tensor& head_bias = {});

/// Multiplications of the two ways for images · rows hidden states; the Gram way counts WᵀW unless it is known.
double relation_cost_plain(int64_t images, int64_t rows, int64_t width, int64_t vocabulary);
double relation_cost_gram(int64_t images, int64_t rows, int64_t width, int64_t vocabulary, bool gram_known);

/// WᵀW over the first `vocabulary` rows by blocks of rows, in float32 or wider; differentiable in head_weight.
at::Tensor differentiable_gram(const at::Tensor& head_weight, int64_t vocabulary);

}  // namespace llavakd
