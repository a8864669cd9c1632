// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/stage_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"

namespace llavakd {
namespace {

bool has_stage(const Project& project, const std::string& name) {
  return std::ranges::find(project.stages, name, &StageOptions::name) != project.stages.end();
}

/// "DFT_2", or the next number that is free.
std::string free_name(const Project& project, const std::string& like) {
  std::string name = like;
  for (int i = 2; has_stage(project, name); ++i) name = fmt::format("{}_{}", like, i);
  return name;
}

/// The schedule in the order of the stages, unless it was written by hand with a stage that comes twice.
void sort_schedule(Project& project) {
  auto& schedule = project.schedule;
  for (const auto& name : schedule)
    if (std::ranges::count(schedule, name) > 1) return;
  const auto place = [&](const std::string& name) {
    return std::ranges::find(project.stages, name, &StageOptions::name) - project.stages.begin();
  };
  std::ranges::sort(schedule, {}, place);
}

}  // namespace

bool is_scheduled(const Project& project, const std::string& stage) {
  return project.schedule.empty() || std::ranges::find(project.schedule, stage) != project.schedule.end();
}

void schedule_stage(Project& project, const std::string& name, bool on) {
  if (!has_stage(project, name) || is_scheduled(project, name) == on) return;
  std::vector<std::string> all;
  for (const StageOptions& stage : project.stages) all.push_back(stage.name);
  std::vector<std::string> schedule = project.schedule.empty() ? all : project.schedule;
  if (on) {
    const auto place = std::ranges::find(all, name);
    const auto before = std::find_if(schedule.rbegin(), schedule.rend(),
                                     [&](const std::string& each) { return std::ranges::find(all, each) < place; });
    schedule.insert(before.base(), name);
  } else {
    std::erase(schedule, name);
    if (schedule.empty()) return;
  }
  project.schedule = schedule == all ? std::vector<std::string>{} : std::move(schedule);
}

std::string stage_name_fault(const Project& project, size_t index, const std::string& name) {
  if (name.empty()) return "A stage needs a name.";
  const bool fine = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!fine) return "A stage's name is made of letters, digits and '_'.";
  for (size_t i = 0; i < project.stages.size(); ++i)
    if (i != index && project.stages[i].name == name) return fmt::format("Another stage is called {}.", name);
  return {};
}

size_t add_stage(Project& project) {
  StageOptions stage;
  stage.name = free_name(project, "stage");
  if (!project.stages.empty()) {
    stage.data = project.stages.back().data;
    stage.images = project.stages.back().images;
  }
  if (!project.schedule.empty()) project.schedule.push_back(stage.name);
  project.stages.push_back(std::move(stage));
  return project.stages.size() - 1;
}

size_t copy_stage(Project& project, size_t index) {
  StageOptions copy = project.stages.at(index);
  const std::string original = copy.name;
  copy.name = free_name(project, original);
  const auto scheduled = std::ranges::find(project.schedule, original);
  if (scheduled != project.schedule.end()) project.schedule.insert(scheduled + 1, copy.name);
  project.stages.insert(project.stages.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(copy));
  return index + 1;
}

void move_stage(Project& project, size_t from, size_t to) {
  if (from >= project.stages.size() || to >= project.stages.size() || from == to) return;
  StageOptions stage = std::move(project.stages[from]);
  project.stages.erase(project.stages.begin() + static_cast<std::ptrdiff_t>(from));
  project.stages.insert(project.stages.begin() + static_cast<std::ptrdiff_t>(to), std::move(stage));
  sort_schedule(project);
}

void rename_stage(Project& project, size_t index, const std::string& name) {
  if (const std::string fault = stage_name_fault(project, index, name); !fault.empty()) throw UserError(fault);
  std::string& old = project.stages.at(index).name;
  std::ranges::replace(project.schedule, old, name);
  old = name;
}

void remove_stage(Project& project, size_t index) {
  if (index >= project.stages.size()) return;
  std::erase(project.schedule, project.stages[index].name);
  project.stages.erase(project.stages.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace llavakd
