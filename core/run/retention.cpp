// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/retention.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace llavakd {
namespace {

/// The names of those of the lowest loss; of equal ones the older come first.
std::set<std::string> best_names(std::vector<RunCheckpoint> within, int64_t most) {
  std::erase_if(within, [](const RunCheckpoint& checkpoint) { return std::isnan(checkpoint.mean_total); });
  std::ranges::stable_sort(within, {}, &RunCheckpoint::mean_total);
  std::set<std::string> names;
  for (size_t i = 0; i < within.size() && static_cast<int64_t>(i) < most; ++i) names.insert(within[i].name);
  return names;
}

}  // namespace

RetentionRules retention_rules(const RunOptions& options) {
  return {
      .last = options.keep_checkpoints, .every = options.keep_checkpoints_every, .best = options.keep_best_checkpoints};
}

std::vector<RunCheckpoint> surplus_checkpoints(const std::vector<RunCheckpoint>& checkpoints, int64_t stage_index,
                                               const RetentionRules& rules) {
  std::vector<RunCheckpoint> within;
  for (const RunCheckpoint& checkpoint : checkpoints)
    if (!checkpoint.stage_done && checkpoint.stage_index == stage_index) within.push_back(checkpoint);
  const std::set<std::string> best = best_names(within, rules.best);
  const auto last = static_cast<size_t>(std::max<int64_t>(1, rules.last));
  std::vector<RunCheckpoint> surplus;
  for (size_t i = 0; i + last < within.size(); ++i) {
    const RunCheckpoint& checkpoint = within[i];
    const bool regular = rules.every > 0 && checkpoint.stage_step % rules.every == 0;
    if (!checkpoint.pinned && !checkpoint.newest && !regular && !best.contains(checkpoint.name))
      surplus.push_back(checkpoint);
  }
  return surplus;
}

std::vector<RunCheckpoint> surplus_checkpoints(const std::vector<RunCheckpoint>& checkpoints,
                                               const RetentionRules& rules) {
  std::set<int64_t> stages;
  for (const RunCheckpoint& checkpoint : checkpoints) stages.insert(checkpoint.stage_index);
  std::vector<RunCheckpoint> surplus;
  for (const int64_t stage : stages)
    for (RunCheckpoint& checkpoint : surplus_checkpoints(checkpoints, stage, rules))
      surplus.push_back(std::move(checkpoint));
  return surplus;
}

}  // namespace llavakd
