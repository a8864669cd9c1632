// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "core/run/probe_file.h"

namespace llavakd {

/// Two visual tokens whose relation differs between the models. `first` < `second`, but where relations have a
/// direction (attention) `first` is the one that attends.
struct DisagreeingPair {
  int64_t first = 0, second = 0;
  double teacher = 0, student = 0;  ///< In units of each matrix's root mean square.
  double difference() const { return student - teacher; }
};

struct PairOptions {
  int64_t pairs = 10;  ///< How many pairs are listed.
  int64_t radius =
      1;  ///< Pairs that are no further apart in rows and columns are left out; 0: only those of one patch.
};

/// Two models' relations between the same tokens.
struct RelationPair {
  int64_t tokens = 0;
  std::function<double(int64_t row, int64_t column)> teacher, student;
  std::function<int64_t(int64_t token, int64_t other)> apart;  ///< In patches: the larger of rows and columns.
  bool directed = false;                                       ///< The value of (i, j) isn't that of (j, i).
};

/// The pairs with the largest |student − teacher|, the largest first, each pair of tokens once (where they are
/// directed: in the direction in which it differs more), equal ones by their tokens. Values that aren't finite are
/// passed over.
std::vector<DisagreeingPair> worst_pairs(const RelationPair& relations, const PairOptions& options);

/// The same of a look at a probe; none without a teacher. Not for the window's thread.
std::vector<DisagreeingPair> disagreeing_pairs(const ProbeFile& probe, const PairOptions& options = {});

}  // namespace llavakd
