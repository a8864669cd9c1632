// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "core/text/segments.h"

namespace llavakd {

/// Rows of one image among the visual rows.
struct ImageRows {
  size_t sample = 0;
  int64_t begin = 0;  ///< First row, counted within Rows::index.
  int64_t count = 0;
};

/// The rows of a batch's hidden states that some terms read. Rows no term reads never meet the head.
struct Rows {
  std::vector<int64_t> index;      ///< Into hidden states flattened to [S · T, W].
  std::vector<int64_t> sample;     ///< The sample of each row.
  std::vector<int64_t> labels;     ///< Response rows only: the token that follows.
  std::vector<ImageRows> images;   ///< Visual rows only.
  std::vector<int64_t> of_sample;  ///< How many rows each sample has.

  int64_t size() const { return static_cast<int64_t>(index.size()); }
};

/// Rows that predict a labelled token: row i - 1 for a label at position i >= 1. Skipped sequences have none.
Rows response_rows(const std::vector<Sequence>& sequences, int64_t tokens);

/// Rows at the visual positions, not shifted, as the released code takes them. Skipped sequences have none.
Rows visual_rows(const std::vector<Sequence>& sequences, int64_t tokens);

}  // namespace llavakd
