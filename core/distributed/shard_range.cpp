// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/distributed/shard_range.h"

#include <algorithm>

namespace llavakd {

ShardRange shard_range(size_t count, int64_t rank, int64_t world_size) {
  const auto at = static_cast<size_t>(rank), ranks = static_cast<size_t>(world_size);
  const size_t each = count / ranks, larger = count % ranks;
  const size_t begin = at * each + std::min(at, larger);
  return {.begin = begin, .end = begin + each + (at < larger ? 1 : 0)};
}

}  // namespace llavakd
