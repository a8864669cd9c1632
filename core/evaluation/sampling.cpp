// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "core/base/errors.h"

namespace llavakd {
namespace {

/// The likeliest tokens that together have at least `share` of all probability; the likeliest first.
std::vector<int64_t> nucleus(std::span<const double> probabilities, double share) {
  std::vector<int64_t> heap(probabilities.size());
  std::iota(heap.begin(), heap.end(), 0);
  const auto less_likely = [&](int64_t a, int64_t b) {
    const double of_a = probabilities[size_t(a)], of_b = probabilities[size_t(b)];
    return of_a != of_b ? of_a < of_b : a > b;
  };
  std::ranges::make_heap(heap, less_likely);
  std::vector<int64_t> kept;
  for (double reached = 0; reached < share && !heap.empty(); heap.pop_back()) {
    std::ranges::pop_heap(heap, less_likely);
    kept.push_back(heap.back());
    reached += probabilities[size_t(heap.back())];
  }
  return kept;
}

/// One of them, each as often as it is likely; `draw` lies in [0, 1).
int64_t drawn_from(const std::vector<int64_t>& ids, std::span<const double> probabilities, double draw) {
  double all = 0;
  for (const int64_t id : ids) all += probabilities[size_t(id)];
  double left = draw * all;
  int64_t chosen = ids.front();
  for (const int64_t id : ids) {
    const double probability = probabilities[size_t(id)];
    if (probability <= 0) continue;
    chosen = id;
    if (left < probability) break;
    left -= probability;
  }
  return chosen;
}

}  // namespace

void refuse_wrong_sampling(const Sampling& sampling) {
  if (!(sampling.temperature >= 0 && sampling.temperature <= 100))
    throw UserError(
        fmt::format("A temperature of {} is outside of 0 to 100; 0 takes the likeliest token.", sampling.temperature));
  if (!(sampling.top_p > 0 && sampling.top_p <= 1))
    throw UserError(
        fmt::format("A top-p of {} is outside of 0 to 1; 1 leaves no token out, 0 would leave none.", sampling.top_p));
}

TokenSampler::TokenSampler(const Sampling& sampling) : sampling_(sampling), generator_(sampling.seed) {
  refuse_wrong_sampling(sampling);
}

int64_t TokenSampler::next(const at::Tensor& logits) {
  const at::Tensor row = logits.reshape({-1});
  if (sampling_.is_greedy()) return row.argmax(-1).item<int64_t>();
  const at::Tensor scaled = row.to(at::kCPU, at::kDouble) / sampling_.temperature;
  const at::Tensor probabilities = scaled.softmax(0).contiguous();
  const std::span<const double> values(probabilities.const_data_ptr<double>(), size_t(probabilities.numel()));
  const double draw = double(generator_() >> 11) * 0x1p-53;
  std::vector<int64_t> ids;
  if (sampling_.top_p < 1) {
    ids = nucleus(values, sampling_.top_p);
  } else {
    ids.resize(values.size());
    std::iota(ids.begin(), ids.end(), 0);
  }
  return drawn_from(ids, values, draw);
}

}  // namespace llavakd
