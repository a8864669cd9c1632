// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// to[c][r] = from[r][c] for numbers of 16 bits: `rows` x `columns` of a matrix whose rows lie `from_stride` apart,
/// into one whose rows lie `to_stride` apart.
void transpose_rows(const uint16_t* from, int64_t from_stride, uint16_t* to, int64_t to_stride, int64_t rows,
                    int64_t columns);

}  // namespace llavakd
