// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/inspection/relation_look.h"
#include "core/inspection/shared_colours.h"
#include "core/inspection/token_plane.h"
#include "core/run/worst_pairs.h"

namespace llavakd {

/// One model's relations, on the plane on which they are compared.
struct RelationSide {
  RelationSource source;  ///< With this model's layer and head.
  int64_t layers = 0;     ///< Of its decoder.
  int64_t tokens = 0;     ///< That it has, before any averaging.
  at::Tensor relation;    ///< float32 [n, n]
};

/// Both models' relations from one source, and how they differ. n tokens; values are compared in units of each matrix's
/// root mean square, which changes no cosine.
struct RelationComparison {
  RelationSide student;
  std::optional<RelationSide> teacher;
  TokenPlane plane;
  bool averaged = false;  ///< The models' tokens differ in number and were averaged onto one plane.
  at::Tensor difference;  ///< float32 [n, n], student − teacher; undefined without a teacher, as what follows.
  std::optional<double> distance;      ///< 1 − cosine of the two matrices: for the source that is trained, RDist.
  at::Tensor disagreement;             ///< float64 [n], 1 − cosine of the two rows of each token.
  std::vector<DisagreeingPair> worst;  ///< The largest absolute difference first.
  SharedColours colours;               ///< Of the student alone without a teacher.
  std::vector<int64_t> cluster_order;  ///< One for both models, from both their kernels.
};

/// Compares what a look holds. Layers are matched by depth (matched_layer); of attention heads, which have no order
/// that models share, the teacher's is the one whose map has the least distance to the student's. Throws UserError
/// where the student has no such layer or head, and where tokens that differ in number have no place; RunError where
/// numbers aren't finite.
RelationComparison compare_relations(const RelationLook& look, const RelationSource& source,
                                     const PairOptions& options = {});

/// Divided by its root mean square, unless that is 0. float64.
at::Tensor in_root_mean_squares(const at::Tensor& relation);

/// 1 − cosine of the rows of two matrices [n, n] -> float64 [n]. Norms below 1e-8 count as 1e-8.
at::Tensor row_disagreement(const at::Tensor& student, const at::Tensor& teacher);

}  // namespace llavakd
