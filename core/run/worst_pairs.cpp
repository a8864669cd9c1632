// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/worst_pairs.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace llavakd {
namespace {

bool differs_more(const DisagreeingPair& a, const DisagreeingPair& b) {
  const double of_a = std::abs(a.difference()), of_b = std::abs(b.difference());
  return of_a != of_b ? of_a > of_b : std::tie(a.first, a.second) < std::tie(b.first, b.second);
}

DisagreeingPair told_pair(const RelationPair& relations, int64_t i, int64_t j) {
  const DisagreeingPair there{i, j, relations.teacher(i, j), relations.student(i, j)};
  if (!relations.directed) return there;
  const DisagreeingPair back{j, i, relations.teacher(j, i), relations.student(j, i)};
  return std::abs(back.difference()) > std::abs(there.difference()) ? back : there;
}

}  // namespace

std::vector<DisagreeingPair> worst_pairs(const RelationPair& relations, const PairOptions& options) {
  std::vector<DisagreeingPair> worst;  // A heap whose front differs least.
  if (options.pairs < 1) return worst;
  for (int64_t i = 0; i < relations.tokens; ++i)
    for (int64_t j = i + 1; j < relations.tokens; ++j) {
      if (relations.apart(i, j) <= options.radius) continue;
      const DisagreeingPair pair = told_pair(relations, i, j);
      const bool full = std::ssize(worst) >= options.pairs;
      if (!std::isfinite(pair.difference()) || (full && !differs_more(pair, worst.front()))) continue;
      if (full) {
        std::ranges::pop_heap(worst, differs_more);
        worst.pop_back();
      }
      worst.push_back(pair);
      std::ranges::push_heap(worst, differs_more);
    }
  std::ranges::sort(worst, differs_more);
  return worst;
}

}  // namespace llavakd
