// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>

namespace llavakd {

/// Some of a list, from `begin` up to but not including `end`.
struct ShardRange {
  size_t begin = 0, end = 0;
  bool operator==(const ShardRange&) const = default;
};

/// A rank's share of `count` things: in order, without gaps, as equal as can be; the first ranks have the larger ones.
ShardRange shard_range(size_t count, int64_t rank, int64_t world_size);

}  // namespace llavakd
