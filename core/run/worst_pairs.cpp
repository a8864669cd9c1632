// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/worst_pairs.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Attention has a direction; relations have none but for the last digits of a float.
bool is_directed(const RelationMatrix& matrix) {
  constexpr float rounding = 1e-3F;  // of a root mean square of 1
  for (int i = 0; i < matrix.n; ++i)
    for (int j = 0; j < i; ++j)
      if (std::abs(matrix.at(i, j) - matrix.at(j, i)) > rounding) return true;
  return false;
}

int64_t patches_apart(const ProbeFile& probe, int64_t token, int64_t other) {
  const int a = probe.patchOfToken(static_cast<int>(token)), b = probe.patchOfToken(static_cast<int>(other));
  if (a < 0 || b < 0) return std::numeric_limits<int64_t>::max();
  return std::max(std::abs(a / probe.columns - b / probe.columns), std::abs(a % probe.columns - b % probe.columns));
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

std::vector<DisagreeingPair> disagreeing_pairs(const ProbeFile& probe, const PairOptions& options) {
  if (probe.difference.isEmpty()) return {};
  const auto values = [](const RelationMatrix& matrix) {
    return [&matrix](int64_t row, int64_t column) {
      return double(matrix.at(int(row), int(column)));
    };
  };
  return worst_pairs({.tokens = probe.tokens(),
                      .teacher = values(probe.teacher),
                      .student = values(probe.student),
                      .apart = [&](int64_t token, int64_t other) { return patches_apart(probe, token, other); },
                      .directed = is_directed(probe.student)},
                     options);
}

}  // namespace llavakd
