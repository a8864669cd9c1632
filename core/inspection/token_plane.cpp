// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/token_plane.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "core/base/errors.h"
#include "core/evaluation/visual_grid.h"

namespace llavakd {
namespace {

/// How much of cell `a` of `of_a` equal cells of a line lies in cell `b` of `of_b`, as a share of the line.
double overlap(int64_t a, int64_t of_a, int64_t b, int64_t of_b) {
  // In units of 1 / (of_a · of_b), so that edges that meet meet exactly.
  const int64_t begin = std::max(a * of_b, b * of_a), end = std::min((a + 1) * of_b, (b + 1) * of_a);
  return static_cast<double>(std::max<int64_t>(0, end - begin)) / static_cast<double>(of_a * of_b);
}

/// Overlapping areas of all patches of a grid with the tokens' patches: [rows · columns, tokens].
at::Tensor areas(const TokenPlane& from, int64_t rows, int64_t columns) {
  at::Tensor shared = at::zeros({rows * columns, from.tokens()}, at::kDouble);
  auto cells = shared.accessor<double, 2>();
  for (int64_t token = 0; token < from.tokens(); ++token) {
    if (from.row_of(token) < 0) continue;
    for (int64_t row = 0; row < rows; ++row) {
      const double height = overlap(row, rows, from.row_of(token), from.rows);
      if (height == 0) continue;
      for (int64_t column = 0; column < columns; ++column)
        cells[row * columns + column][token] = height * overlap(column, columns, from.column_of(token), from.columns);
    }
  }
  return shared;
}

}  // namespace

int64_t TokenPlane::row_of(int64_t token) const {
  const int64_t patch = patches[static_cast<size_t>(token)];
  return patch < 0 ? -1 : patch / columns;
}

int64_t TokenPlane::column_of(int64_t token) const {
  const int64_t patch = patches[static_cast<size_t>(token)];
  return patch < 0 ? -1 : patch % columns;
}

int64_t TokenPlane::distance(int64_t token, int64_t other) const {
  if (token == other) return 0;
  if (row_of(token) < 0 || row_of(other) < 0) return std::numeric_limits<int64_t>::max();
  return std::max(std::abs(row_of(token) - row_of(other)), std::abs(column_of(token) - column_of(other)));
}

TokenPlane plane_of(const ModelConfig& config, RelationKind kind) {
  TokenPlane plane;
  if (kind == RelationKind::tower) {
    plane.rows = plane.columns = config.vision.image_size / config.vision.patch_size;
    // With two towers the second's features follow the first's; the connector lets them take turns.
    const int64_t of_one = config.feature_tokens() / (config.second_vision ? 2 : 1);
    for (int64_t token = 0; token < config.feature_tokens(); ++token)
      plane.patches.push_back(config.vision.patches() - of_one + token % of_one);
    return plane;
  }
  const VisualGrid grid = visual_grid(config);
  plane.rows = grid.rows;
  plane.columns = grid.columns;
  for (int64_t token = 0; token < config.visual_tokens(); ++token)
    plane.patches.push_back(grid.rows > 0 ? grid.first_patch + token / grid.tokens_per_patch : -1);
  return plane;
}

TokenPlane common_plane(const TokenPlane& teacher, const TokenPlane& student) {
  for (const auto& [who, plane] : {std::pair("teacher", &teacher), std::pair("student", &student)})
    if (!plane->has_places())
      throw UserError(
          fmt::format("The teacher has {} visual tokens here and the student {}, and those of the {} are learned "
                      "queries without a place in the picture: they can't be compared. Choose the source “tower”.",
                      teacher.tokens(), student.tokens(), who));
  TokenPlane plane{std::min(teacher.rows, student.rows), std::min(teacher.columns, student.columns), {}};
  const auto covered = [&](const TokenPlane& from) {
    return areas(from, plane.rows, plane.columns).sum(1) > 0;
  };
  const at::Tensor both = covered(teacher).logical_and(covered(student)).nonzero().flatten();
  plane.patches.assign(both.data_ptr<int64_t>(), both.data_ptr<int64_t>() + both.numel());
  return plane;
}

at::Tensor averaging(const TokenPlane& from, const TokenPlane& to) {
  const at::Tensor shares = areas(from, to.rows, to.columns).index_select(0, at::tensor(to.patches, at::kLong));
  return shares / shares.sum(1, true);
}

}  // namespace llavakd
