// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/shared_colours.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace llavakd {
namespace {

constexpr double no_variance = 1e-12;  // Of a trace of 1.

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
  const auto [values, vectors] = at::linalg_eigh(both);
  const int64_t n = both.size(0);
  std::vector<at::Tensor> of_teacher, of_student;
  SharedColours colours;
  for (int64_t i = 0; i < 3; ++i) {
    const double value = i < n ? values[n - 1 - i].item<double>() : 0;
    if (!(value > no_variance)) {
      of_teacher.push_back(at::full({n}, 0.5, both.options()));
      of_student.push_back(of_teacher.back());
      continue;
    }
    colours.shares[static_cast<size_t>(i)] = value / variance;
    at::Tensor direction = vectors.select(1, n - 1 - i);
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
