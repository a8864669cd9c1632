// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/ablation_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/project/visitors.h"
#include "core/run/run_list.h"
#include "core/run/run_overview.h"

namespace llavakd {
namespace {

using Stages = std::vector<std::string>;

/// Arms by their length, then their names: the order of the tables.
using ArmKey = std::pair<size_t, Stages>;

/// What the runs of one ablation have in common, and what is known of each.
struct Group {
  Project shared;  ///< With every stage that any of its runs has.
  std::map<ArmKey, std::map<int64_t, ArmScore>> arms;
  AblationList list;
};

/// What decides a score, but for schedule and seed.
Project without_schedule_and_seed(Project project) {
  project.name.clear();
  project.notes.clear();
  project.probes.clear();
  project.schedule.clear();
  project.run.seed = 0;
  project.run.threads = 0;
  return project;
}

/// Adds the stages that the group doesn't have yet; false, and nothing is added, where the options differ.
bool join(Project& shared, const Project& project) {
  Project a = shared, b = project;
  a.stages.clear();
  b.stages.clear();
  if (a != b) return false;
  Project both = shared;
  for (const StageOptions& stage : project.stages) {
    const auto same = std::ranges::find(both.stages, stage.name, &StageOptions::name);
    if (same == both.stages.end())
      both.stages.push_back(stage);
    else if (*same != stage)
      return false;
  }
  shared = std::move(both);
  return true;
}

std::optional<ArmScore> score_of(const RunFolder& run) {
  try {
    ArmScore score = read_arm_score(run.evaluations());
    score.run = run.id();
    return score;
  } catch (const UserError&) {
    return std::nullopt;  // not evaluated yet, or a beginning that arms share
  }
}

std::string joined(const Stages& stages) {
  return fmt::format("{}", fmt::join(stages, "-"));
}

AblationList list_of(Group group) {
  std::set<int64_t> seeds;
  for (const auto& [arm, scores] : group.arms)
    for (const auto& [seed, score] : scores) seeds.insert(seed);
  AblationList list = std::move(group.list);
  list.seeds.assign(seeds.begin(), seeds.end());
  for (auto& [arm, scores] : group.arms) {
    ArmResult result{.name = joined(arm.second), .scores = {}};
    for (const int64_t seed : seeds) result.scores.push_back(scores[seed]);
    list.arms.push_back(std::move(result));
  }
  return list;
}

void add_run(std::vector<Group>& groups, const ListedRun& run) {
  Project project;
  try {
    project = options_from_json<Project>(run.info.project, run.folder.id());
  } catch (const UserError&) {
    return;  // a newer version's
  }
  const Stages stages = project.schedule;
  const int64_t seed = project.run.seed;
  const Project shared = without_schedule_and_seed(std::move(project));
  auto group = std::ranges::find_if(groups, [&](Group& each) { return join(each.shared, shared); });
  if (group == groups.end()) group = groups.insert(group, Group{.shared = shared, .arms = {}, .list = {}});
  group->list.when = std::max(group->list.when, run.when);
  ++group->list.runs;
  const RunStatus status = status_of(run.info);
  if (status == RunStatus::running || status == RunStatus::paused) ++group->list.at_work;
  if (auto score = score_of(run.folder)) group->arms[{stages.size(), stages}][seed] = std::move(*score);
}

}  // namespace

std::vector<AblationList> list_ablations(const std::filesystem::path& project_file) {
  std::vector<Group> groups;
  for (const ListedRun& run : all_runs(project_file))
    if (run.fault.empty() && run.belongs && run.info.kind == RunKind::ablate) add_run(groups, run);
  std::vector<AblationList> lists;
  for (Group& group : groups) lists.push_back(list_of(std::move(group)));
  return lists;
}

nlohmann::ordered_json ablation_table(AblationList ablation, const std::string& baseline) {
  if (!baseline.empty()) {
    const auto first = std::ranges::find(ablation.arms, baseline, &ArmResult::name);
    if (first == ablation.arms.end()) {
      std::vector<std::string> names;
      for (const ArmResult& arm : ablation.arms) names.push_back(arm.name);
      throw UserError(names.empty() ? "No arm has a score yet."
                                    : fmt::format("There is no arm \"{}\"; there are {}.", baseline, name_list(names)));
    }
    std::rotate(ablation.arms.begin(), first, first + 1);
  }
  return ablation_json(ablation.arms, ablation.seeds);
}

}  // namespace llavakd
