// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/shared_colours.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace llavakd {
namespace {

constexpr double no_variance = 1e-12;  // Of a trace of 1.
constexpr int64_t wanted = 3;

/// The largest eigenvalues and their eigenvectors (columns), the largest first.
struct Directions {
  at::Tensor values, vectors;
};

Directions by_whole_decomposition(const at::Tensor& kernel) {
  const auto [values, vectors] = at::linalg_eigh(kernel);
  const int64_t n = kernel.size(0), count = std::min(wanted, n);
  return {values.narrow(0, n - count, count).flip(0), vectors.narrow(1, n - count, count).flip(1)};
}

/// By subspace iteration, which a few products do where the spectrum falls as that of a model's features does; nothing
/// where it hasn't found them to the last digits by then.
std::optional<Directions> by_iteration(const at::Tensor& kernel) {
  constexpr int64_t block = 12, most_iterations = 40;
  constexpr double precision = 1e-10;  // Of a trace of 1.
  const int64_t n = kernel.size(0);
  // Any start will do that isn't orthogonal to what is looked for; the same one each time.
  at::Tensor basis = at::sin(at::arange(1, n * block + 1, kernel.options()) * 12.9898).view({n, block});
  for (int64_t i = 0; i < most_iterations; ++i) {
    basis = std::get<0>(at::linalg_qr(at::matmul(kernel, basis)));
    if (i % 5 != 4) continue;
    const at::Tensor image = at::matmul(kernel, basis);
    const auto [values, inner] = at::linalg_eigh(at::matmul(basis.t(), image));
    const at::Tensor largest = values.narrow(0, block - wanted, wanted).flip(0);
    const at::Tensor of_basis = inner.narrow(1, block - wanted, wanted).flip(1);
    const at::Tensor vectors = at::matmul(basis, of_basis);
    const at::Tensor left = at::matmul(image, of_basis) - vectors * largest;
    if (left.abs().max().item<double>() <= precision) return Directions{largest, vectors};
  }
  return std::nullopt;
}

Directions largest_directions(const at::Tensor& kernel) {
  constexpr int64_t small = 128;
  if (kernel.size(0) > small)
    if (const auto found = by_iteration(kernel)) return *found;
  return by_whole_decomposition(kernel);
}

}  // namespace

at::Tensor centred_kernel(const at::Tensor& relation, bool of_products) {
  const at::Tensor r = relation.to(at::kDouble);
  at::Tensor kernel = of_products ? r : at::matmul(r, r.t());
  kernel = kernel - kernel.mean(0, true) - kernel.mean(1, true) + kernel.mean();
  kernel = (kernel + kernel.t()) / 2;
  const double trace = kernel.trace().item<double>();
  return trace > 0 ? kernel / trace : kernel;
}

SharedColours shared_colours(const at::Tensor& teacher_kernel, const at::Tensor& student_kernel) {
  const at::Tensor both = teacher_kernel.defined() ? teacher_kernel + student_kernel : student_kernel;
  const double variance = both.trace().item<double>();
  const Directions largest = largest_directions(both);
  const int64_t n = both.size(0);
  std::vector<at::Tensor> of_teacher, of_student;
  SharedColours colours;
  for (int64_t i = 0; i < wanted; ++i) {
    const double value = i < largest.values.size(0) ? largest.values[i].item<double>() : 0;
    if (!(value > no_variance)) {
      of_teacher.push_back(at::full({n}, 0.5, both.options()));
      of_student.push_back(of_teacher.back());
      continue;
    }
    colours.shares[static_cast<size_t>(i)] = value / variance;
    at::Tensor direction = largest.vectors.select(1, i);
    if (direction[direction.abs().argmax()].item<double>() < 0) direction = -direction;
    std::vector<at::Tensor> coordinates{at::mv(student_kernel, direction)};
    if (teacher_kernel.defined()) coordinates.push_back(at::mv(teacher_kernel, direction));
    const at::Tensor all = at::cat(coordinates), low = all.min();
    const at::Tensor range = (all.max() - low).clamp_min(no_variance);
    of_student.push_back((coordinates.front() - low) / range);
    of_teacher.push_back((coordinates.back() - low) / range);
  }
  colours.student = at::stack(of_student, 1).to(at::kFloat);
  if (teacher_kernel.defined()) colours.teacher = at::stack(of_teacher, 1).to(at::kFloat);
  return colours;
}

}  // namespace llavakd
