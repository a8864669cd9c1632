// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/preflight/checks.h"
#include "core/preflight/stage_estimate.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

using Items = std::vector<PreflightItem>;

/// Those that run, each once.
std::vector<StageOptions> distinct_stages(const Project& project) {
  std::vector<StageOptions> stages;
  for (const StageOptions& stage : scheduled_stages(project))
    if (std::ranges::count(stages, stage.name, &StageOptions::name) == 0) stages.push_back(stage);
  return stages;
}

/// Everything but the machine.
Items check_inputs(CheckedProject& checked, const ModelFacts& student, const DeviceFault& device_fault) {
  Items items;
  if (has_student(checked.project)) {
    check_models(checked, student, items);
    check_weights(checked, items);
    if (student.missing.empty()) check_templates(checked, student, items);
  } else {
    items.push_back({"Student",
                     MatchLevel::red,
                     "No student is chosen.",
                     "Choose a checkpoint, or a language model and a vision tower.",
                     {choose_fix("Choose a checkpoint…", "student.checkpoint")}});
  }
  check_stages(checked, student, items);
  check_stage_data(checked, items);
  check_questions(checked, items);
  check_places(checked, device_fault, items);
  return items;
}

/// The item as one sentence or two.
std::string sentence(const PreflightItem& item) {
  if (item.name == "Files") return item.remedy;  // says whose files and what is wrong with them
  const bool ended = item.finding.ends_with('.');
  return fmt::format("{}: {}{}{}{}", item.name, item.finding, ended ? "" : ".", item.remedy.empty() ? "" : " ",
                     item.remedy);
}

}  // namespace

Items preflight(const Project& project, const std::filesystem::path& project_file, const DeviceFault& device_fault,
                std::vector<StageEstimate>* estimates) {
  DataFiles data;
  CheckedProject checked{project, project_file, distinct_stages(project), data, true};
  const ModelFacts student = has_student(project) ? student_facts(project, project_file) : ModelFacts{};
  Items items = check_inputs(checked, student, device_fault);
  std::vector<StageEstimate> stages;
  if (has_student(project) && student.missing.empty()) {
    stages = estimate_stages(checked, student);
    check_machine(checked, student, stages, items);
  }
  if (estimates) *estimates = std::move(stages);
  return items;
}

void refuse_red(const Project& project, const std::filesystem::path& project_file, const DeviceFault& device_fault,
                std::vector<StageEstimate>* estimates) {
  DataFiles data;
  CheckedProject checked{project, project_file, distinct_stages(project), data, false};
  const ModelFacts student = has_student(project) ? student_facts(project, project_file) : ModelFacts{};
  for (const auto& item : check_inputs(checked, student, device_fault))
    if (item.level == MatchLevel::red) throw UserError(sentence(item));
  if (estimates) *estimates = estimate_stages(checked, student);
}

nlohmann::ordered_json to_json(const Items& items) {
  nlohmann::ordered_json json;
  MatchLevel worst = MatchLevel::green;
  json["level"] = "";
  json["items"] = nlohmann::ordered_json::array();
  for (const auto& item : items) {
    worst = std::max(worst, item.level);
    auto& added = json["items"].emplace_back();
    added = {{"name", item.name}, {"level", name_of(item.level)}, {"finding", item.finding}, {"remedy", item.remedy}};
    for (const PreflightFix& fix : item.fixes) added["fixes"].push_back(to_json(fix));
  }
  json["level"] = name_of(worst);
  return json;
}

}  // namespace llavakd
