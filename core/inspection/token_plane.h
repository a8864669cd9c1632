// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "core/inspection/relation_source.h"
#include "core/model_spec/model_config.h"

namespace llavakd {

/// Where in the picture tokens are.
struct TokenPlane {
  int64_t rows = 0, columns = 0;  ///< Patches of the tower; 0 where tokens are queries and have no place.
  std::vector<int64_t> patches;   ///< Raster index of each token's patch; -1 for one without: a class token, a query.

  int64_t tokens() const { return static_cast<int64_t>(patches.size()); }
  bool has_places() const { return rows > 0; }
  int64_t row_of(int64_t token) const;     ///< From 0; -1 without a place.
  int64_t column_of(int64_t token) const;  ///< From 0; -1 without a place.
  /// The larger of the distances in rows and columns of two tokens; a token without a place is far from all others.
  int64_t distance(int64_t token, int64_t other) const;
  bool operator==(const TokenPlane&) const = default;
};

/// Where the tokens of a source are: those of the tower for its features, else the visual tokens.
TokenPlane plane_of(const ModelConfig& config, RelationKind kind);

/// The plane on which both models' tokens can be compared although they differ in number: the rows and the columns of
/// the coarser grid, and of its patches those that tokens of both models cover. Throws UserError where a model's tokens
/// have no place in the picture.
TokenPlane common_plane(const TokenPlane& teacher, const TokenPlane& student);

/// What brings tokens onto another plane: each of its patches is the mean of the tokens whose patches overlap it,
/// weighted by the overlapping area. float64 [tokens of `to`, tokens of `from`]; each row adds up to 1.
at::Tensor averaging(const TokenPlane& from, const TokenPlane& to);

}  // namespace llavakd
