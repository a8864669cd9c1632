// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/cluster_order.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace llavakd {
namespace {

/// Clusters while they are joined. A cluster is named by its smallest token.
class Clusters {
 public:
  explicit Clusters(const at::Tensor& kernel)
      : n_(static_cast<size_t>(kernel.size(0))), distances_(n_ * n_), members_(n_) {
    const at::Tensor diagonal = kernel.diagonal();
    const at::Tensor squares = (diagonal.unsqueeze(0) + diagonal.unsqueeze(1) - 2 * kernel).contiguous();
    std::copy_n(squares.const_data_ptr<double>(), distances_.size(), distances_.begin());
    for (size_t i = 0; i < n_; ++i) members_[i] = {static_cast<int64_t>(i)};
  }

  bool is_left(size_t cluster) const { return !members_[cluster].empty(); }
  double distance(size_t a, size_t b) const { return distances_[a * n_ + b]; }
  const std::vector<int64_t>& members(size_t cluster) const { return members_[cluster]; }

  /// The nearest other cluster: `before` where no other is nearer, else the smallest of the nearest.
  size_t nearest(size_t cluster, size_t before) const {
    size_t best = before;
    for (size_t other = 0; other < n_; ++other)
      if (other != cluster && is_left(other) && (best == n_ || distance(cluster, other) < distance(cluster, best)))
        best = other;
    return best;
  }

  /// Joins b to a, a < b. The mean distance to a third one is that of all pairs of tokens.
  void join(size_t a, size_t b) {
    const auto of_a = static_cast<double>(members_[a].size()), of_b = static_cast<double>(members_[b].size());
    for (size_t other = 0; other < n_; ++other) {
      if (other == a || other == b || !is_left(other)) continue;
      const double mean = (of_a * distance(a, other) + of_b * distance(b, other)) / (of_a + of_b);
      distances_[a * n_ + other] = distances_[other * n_ + a] = mean;
    }
    members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
    members_[b].clear();
  }

 private:
  size_t n_;
  std::vector<double> distances_;
  std::vector<std::vector<int64_t>> members_;  // In their order; empty: joined to another.
};

}  // namespace

std::vector<int64_t> cluster_order(const at::Tensor& kernel) {
  const auto n = static_cast<size_t>(kernel.size(0));
  if (n == 0) return {};
  Clusters clusters(kernel);
  // A chain of clusters, each the nearest to the one before: its two last ones are each other's nearest in the end, and
  // for average linkage joining those first gives the same tree as joining the nearest of all (Murtagh, 1983).
  std::vector<size_t> chain;
  for (size_t left = n; left > 1;) {
    if (chain.empty()) {
      size_t first = 0;
      while (!clusters.is_left(first)) ++first;
      chain.push_back(first);
    }
    const size_t last = chain.back(), before = chain.size() > 1 ? chain[chain.size() - 2] : n;
    const size_t next = clusters.nearest(last, before);
    if (next != before) {
      chain.push_back(next);
      continue;
    }
    chain.resize(chain.size() - 2);
    clusters.join(std::min(last, before), std::max(last, before));
    --left;
  }
  return clusters.members(0);
}

}  // namespace llavakd
