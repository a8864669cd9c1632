// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <array>

namespace llavakd {

/// The kernel of a relation matrix [n, n]: float64, centred (as if the tokens' mean had been taken off their features)
/// and divided by its trace, so that models of different widths and sizes weigh the same. `of_products`: the matrix is
/// Z Zᵀ; another one, as attention, gives its rows as features.
at::Tensor centred_kernel(const at::Tensor& relation, bool of_products);

/// Tokens as colours: what is alike has a like colour, in both models.
struct SharedColours {
  at::Tensor teacher, student;     ///< float32 [n, 3] in 0..1: red, green, blue; the teacher's undefined without one.
  std::array<double, 3> shares{};  ///< Of the variance, in the first, second and third direction.
};

/// Principal components of both models' features side by side, [Z_teacher, Z_student], each centred and scaled as
/// centred_kernel() says. Features of different widths can't be put into one space, but side by side they have common
/// directions in the tokens: with K = K_t + K_s = U Λ Uᵀ the token's coordinates are U Λ^½, of which K_t U Λ^-½ is what
/// the teacher's features give and K_s U Λ^-½ what the student's give. Those are the colours: the first direction red,
/// then green and blue, one scale for both models, from the least value to the greatest. A direction's sign is such
/// that its largest coordinate is positive. `teacher` may be undefined.
SharedColours shared_colours(const at::Tensor& teacher_kernel, const at::Tensor& student_kernel);

}  // namespace llavakd
