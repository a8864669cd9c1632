// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "core/base/printable.h"
#include "core/io/scalar_curves.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// A cell of one character is a text of 32 bytes in a list that doubles, a number a point of 24, a column a node of a
/// map.
MemoryBound memory_bound(Input) {
  return {.block_times = 128, .total_times = 512, .plus = size_t{256} << 10};
}

void read_hostile(Input input) {
  const ScalarCurves read = read_csv_curves(scratch_file("curves.csv", input));
  for (const auto& [name, points] : read.curves)
    if (!is_utf8(name) || name.empty() || points.empty())
      finding("a curve without a name for people, or without a point");
  for (const std::string& warning : read.warnings)
    if (!is_utf8(warning)) finding("a warning that no window can show");
}

}  // namespace llavakd::fuzz
