// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/relation_comparison.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/errors.h"
#include "core/inspection/cluster_order.h"
#include "core/losses/relation.h"

namespace llavakd {
namespace {

/// Both models' planes and what brings their tokens to a common one.
struct CommonTokens {
  TokenPlane plane;
  bool averaged = false;
  at::Tensor of_student, of_teacher;  // averaging(); undefined where tokens are compared one by one.
};

CommonTokens common_tokens(const RelationLook& look, RelationKind kind) {
  const TokenPlane student = plane_of(look.student.model->config(), kind);
  if (!look.teacher) return {student, false, {}, {}};
  const TokenPlane teacher = plane_of(look.teacher->model->config(), kind);
  // As many tokens are compared one by one, as training does.
  if (teacher.tokens() == student.tokens()) return {student, false, {}, {}};
  CommonTokens common{common_plane(teacher, student), true, {}, {}};
  common.of_student = averaging(student, common.plane);
  common.of_teacher = averaging(teacher, common.plane);
  return common;
}

at::Tensor brought_together(const at::Tensor& relation, const at::Tensor& average) {
  if (!average.defined()) return relation;
  return at::matmul(at::matmul(average, relation.to(at::kDouble)), average.t()).to(at::kFloat);
}

RelationSide side_of(const ModelLook& look, const RelationSource& source, int64_t vocabulary, const at::Tensor& average,
                     const char* who) {
  const at::Tensor relation = relation_of(look, source, vocabulary);
  if (!at::isfinite(relation).all().item<bool>())
    throw RunError(fmt::format("Relations of the {} ({}) are not finite: its weights or this layer's numbers overflow.",
                               who, source_in_words(source, look.layers())));
  return {source, look.layers(), relation.size(0), brought_together(relation, average)};
}

double distance_of(const at::Tensor& student, const at::Tensor& teacher) {
  return relation_distance(student, teacher).item<double>();
}

/// The head of the teacher's layer whose map is nearest to the student's.
RelationSide nearest_head(const RelationLook& look, RelationSource source, const CommonTokens& tokens,
                          const at::Tensor& student) {
  std::optional<RelationSide> nearest;
  double least = 0;
  for (int64_t head = 0; head < heads_of(*look.teacher, source.layer); ++head) {
    source.head = head;
    RelationSide side = side_of(*look.teacher, source, look.vocabulary, tokens.of_teacher, "teacher");
    const double distance = distance_of(student, side.relation);
    if (nearest && !(distance < least)) continue;
    least = distance;
    nearest = std::move(side);
  }
  return *nearest;
}

RelationSide teacher_side(const RelationLook& look, const RelationSource& of_student, const CommonTokens& tokens,
                          const at::Tensor& student) {
  const RelationSource source = matched_source(of_student, look.student.layers(), look.teacher->layers());
  return of_student.head ? nearest_head(look, source, tokens, student)
                         : side_of(*look.teacher, source, look.vocabulary, tokens.of_teacher, "teacher");
}

/// Of matrices in root mean squares.
std::vector<DisagreeingPair> worst_of(const at::Tensor& student, const at::Tensor& teacher, const TokenPlane& plane,
                                      const PairOptions& options, bool directed) {
  const at::Tensor s = student.contiguous(), t = teacher.contiguous();
  const auto values = [n = s.size(0)](const at::Tensor& matrix) {
    return [at = matrix.const_data_ptr<double>(), n](int64_t row, int64_t column) {
      return at[row * n + column];
    };
  };
  return worst_pairs({.tokens = s.size(0),
                      .teacher = values(t),
                      .student = values(s),
                      .apart = [&](int64_t token, int64_t other) { return plane.distance(token, other); },
                      .directed = directed},
                     options);
}

}  // namespace

at::Tensor in_root_mean_squares(const at::Tensor& relation) {
  const at::Tensor values = relation.to(at::kDouble);
  const double mean = values.square().mean().item<double>();
  return mean > 0 ? values / std::sqrt(mean) : values;
}

at::Tensor row_disagreement(const at::Tensor& student, const at::Tensor& teacher) {
  const at::Tensor s = student.to(at::kDouble), t = teacher.to(at::kDouble);
  const auto norms = [](const at::Tensor& rows) {
    return rows.square().sum(1).sqrt().clamp_min(1e-8);
  };
  return 1 - (s * t).sum(1) / (norms(s) * norms(t));
}

RelationComparison compare_relations(const RelationLook& look, const RelationSource& source,
                                     const PairOptions& options) {
  const at::NoGradGuard no_grad;
  const bool has_layer = source.layer >= 1 && source.layer <= look.student.layers();
  refuse_absent(source, look.student.layers(), has_layer ? heads_of(look.student, source.layer) : 0);
  const CommonTokens tokens = common_tokens(look, source.kind);
  const bool of_products = source.kind != RelationKind::attention;
  RelationComparison result{.student = side_of(look.student, source, look.vocabulary, tokens.of_student, "student"),
                            .plane = tokens.plane,
                            .averaged = tokens.averaged};
  const at::Tensor& student = result.student.relation;
  at::Tensor kernel = centred_kernel(student, of_products), teacher_kernel;
  if (look.teacher) {
    result.teacher = teacher_side(look, source, tokens, student);
    const at::Tensor& teacher = result.teacher->relation;
    const at::Tensor s = in_root_mean_squares(student), t = in_root_mean_squares(teacher);
    result.difference = (s - t).to(at::kFloat);
    result.distance = distance_of(student, teacher);
    result.disagreement = row_disagreement(student, teacher);
    result.worst = worst_of(s, t, tokens.plane, options, !of_products);
    teacher_kernel = centred_kernel(teacher, of_products);
  }
  result.colours = shared_colours(teacher_kernel, kernel);
  result.cluster_order = cluster_order(teacher_kernel.defined() ? kernel + teacher_kernel : kernel);
  return result;
}

}  // namespace llavakd
