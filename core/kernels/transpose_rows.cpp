// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/transpose_rows.h"

#include <algorithm>
#include <cstring>

#include "core/kernels/clones.h"

namespace llavakd {

namespace {

/// Eight numbers, a register of the oldest processors.
using Eight = uint16_t __attribute__((vector_size(16)));
using Four = uint32_t __attribute__((vector_size(16)));
using Two = uint64_t __attribute__((vector_size(16)));

constexpr int64_t side = 8;   // of a block that is turned in registers
constexpr int64_t line = 32;  // numbers of a cache line

/// A block of 8 x 8: pairs of rows are interleaved by numbers, then by pairs, then by fours.
[[gnu::always_inline]] inline void turn_block(const uint16_t* from, int64_t from_stride, uint16_t* to,
                                              int64_t to_stride) {
  Eight row[side];
  for (int64_t i = 0; i < side; ++i) std::memcpy(&row[i], from + i * from_stride, sizeof(Eight));
  Four pair[side];
  for (int64_t i = 0; i < side; i += 2) {
    pair[i] = reinterpret_cast<Four>(__builtin_shufflevector(row[i], row[i + 1], 0, 8, 1, 9, 2, 10, 3, 11));
    pair[i + 1] = reinterpret_cast<Four>(__builtin_shufflevector(row[i], row[i + 1], 4, 12, 5, 13, 6, 14, 7, 15));
  }
  Two four[side];
  for (int64_t i = 0; i < side; i += 4)
    for (int64_t half = 0; half < 2; ++half) {
      const Four a = pair[i + half], b = pair[i + 2 + half];
      four[i + 2 * half] = reinterpret_cast<Two>(__builtin_shufflevector(a, b, 0, 4, 1, 5));
      four[i + 2 * half + 1] = reinterpret_cast<Two>(__builtin_shufflevector(a, b, 2, 6, 3, 7));
    }
  for (int64_t i = 0; i < 4; ++i) {
    const Two low = __builtin_shufflevector(four[i], four[i + 4], 0, 2);
    const Two high = __builtin_shufflevector(four[i], four[i + 4], 1, 3);
    std::memcpy(to + 2 * i * to_stride, &low, sizeof low);
    std::memcpy(to + (2 * i + 1) * to_stride, &high, sizeof high);
  }
}

}  // namespace

LLAVAKD_CLONES void transpose_rows(const uint16_t* from, int64_t from_stride, uint16_t* to, int64_t to_stride,
                                   int64_t rows, int64_t columns) {
  const int64_t whole_rows = rows / side * side, whole_columns = columns / side * side;
  // Whole cache lines are read and written: a strip of columns, down all rows.
  for (int64_t strip = 0; strip < whole_columns; strip += line)
    for (int64_t high = 0; high < whole_rows; high += line)
      for (int64_t c = strip; c < std::min(strip + line, whole_columns); c += side)
        for (int64_t r = high; r < std::min(high + line, whole_rows); r += side)
          turn_block(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c)
      to[c * to_stride + r] = from[r * from_stride + c];
}

}  // namespace llavakd
