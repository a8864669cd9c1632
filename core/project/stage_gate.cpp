// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/stage_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/project/catalog.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

std::string file_name(const std::string& file) {
  return std::filesystem::path(file).filename().string();
}

/// "-5 %", "2 points".
std::string change_text(const LimitOptions& limit) {
  return is_least(limit) ? fmt::format("{:g} points", std::abs(limit.limit))
                         : fmt::format("{:g} %", std::abs(limit.limit));
}

/// How many evaluations have a file of this name, whatever its folder.
auto count_named(const Project& project, const std::string& name) {
  return std::ranges::count_if(project.evaluations,
                               [&](const EvaluationOptions& each) { return file_name(each.file) == name; });
}

std::optional<std::string> probe_fault(const LimitOptions& limit, const Project& project) {
  if (project.probes.empty()) return "the project has no probes";
  const TermInfo* info = term_info(limit.of);
  if (!info || info->reads != TermPositions::visual)
    return fmt::format("probes have no answer, so they tell nothing of \"{}\"", limit.of);
  if (info->needs_teacher && project.teacher.checkpoint.empty())
    return fmt::format("{} compares with a teacher, and none is chosen", limit.of);
  return std::nullopt;
}

std::optional<std::string> loss_fault(const LimitOptions& limit, const StageOptions& stage) {
  const bool is_known = limit.of.empty() || std::ranges::any_of(stage.terms, [&](const TermOptions& term) {
                          return term.term == limit.of && is_on(term);
                        });
  if (is_known) return std::nullopt;
  return fmt::format("the stage's loss has no term \"{}\" of a weight above 0", limit.of);
}

/// What the number of the limit can be; a loss is a sum of terms.
ValueRange range_of(const LimitOptions& limit, const Project& project) {
  if (limit.measure != "score") {
    const TermInfo* info = term_info(limit.of);
    return info ? info->range : limit.measure == "loss" && limit.of.empty() ? TermInfo{}.range : ValueRange{};
  }
  const auto index = evaluation_of(limit, project);
  if (!index) return {};
  const Catalog tasks = catalog::evaluation_tasks();
  const auto task = std::ranges::find(tasks, project.evaluations[*index].task, &CatalogEntry::name);
  return task == tasks.end() ? ValueRange{} : task->range;
}

/// What bound_of() can come to; of a share, for a beginning that isn't 0.
ValueRange bounds_of(const LimitOptions& limit, const ValueRange& number) {
  if (limit.against == "number") return {limit.limit, limit.limit};
  if (is_least(limit)) return {number.lowest + limit.limit, number.highest + limit.limit};
  const double share = 1 + limit.limit / 100;
  if (number.lowest < 0) return {};
  if (share < 0) return {share * number.highest, share * std::numeric_limits<double>::min()};
  return {share * number.lowest, share > 0 ? share * number.highest : 0};
}

}  // namespace

std::optional<std::string> idle_limit(const LimitOptions& limit, const Project& project) {
  const ValueRange number = range_of(limit, project), bound = bounds_of(limit, number);
  const std::string subject = limit_subject_text(limit);
  const bool least = is_least(limit);
  if (least ? bound.lowest > number.highest : bound.highest < number.lowest)
    return fmt::format("{} is {} {:g}, so this is never met", subject, least ? "at most" : "at least",
                       least ? number.highest : number.lowest);
  if (least ? bound.highest <= number.lowest : bound.lowest >= number.highest)
    return fmt::format("{} is {} {:g}, so this is always met", subject, least ? "at least" : "at most",
                       least ? number.lowest : number.highest);
  return std::nullopt;
}

std::optional<size_t> evaluation_of(const LimitOptions& limit, const Project& project) {
  const auto& all = project.evaluations;
  if (limit.of.empty()) return all.empty() ? std::nullopt : std::optional<size_t>(0);
  auto found = std::ranges::find(all, limit.of, &EvaluationOptions::file);
  if (found == all.end() && count_named(project, limit.of) == 1)
    found = std::ranges::find_if(all, [&](const EvaluationOptions& each) { return file_name(each.file) == limit.of; });
  if (found == all.end()) return std::nullopt;
  return static_cast<size_t>(found - all.begin());
}

std::optional<std::string> limit_fault(const LimitOptions& limit, const StageOptions& stage, const Project& project) {
  if (limit.measure == "probe") return probe_fault(limit, project);
  if (limit.measure == "loss") return loss_fault(limit, stage);
  if (evaluation_of(limit, project)) return std::nullopt;
  if (project.evaluations.empty()) return "the project has no evaluations";
  if (count_named(project, limit.of) > 1)
    return fmt::format("several evaluations have a file \"{}\": name it with its folder, as its evaluation does",
                       limit.of);
  return fmt::format("the project has no evaluation with a file \"{}\"", limit.of);
}

std::vector<std::string> limit_subjects(std::string_view measure, const StageOptions& stage, const Project& project) {
  std::vector<std::string> subjects;
  if (measure == "probe") {
    for (const TermInfo& term : term_catalog())
      if (term.reads == TermPositions::visual) subjects.emplace_back(term.name);
  } else if (measure == "loss") {
    subjects.emplace_back();
    for (const TermOptions& term : stage.terms)
      if (is_on(term)) subjects.push_back(term.term);
  } else {
    for (const EvaluationOptions& each : project.evaluations) {
      std::string name = file_name(each.file);
      if (count_named(project, name) > 1) name = each.file;
      if (std::ranges::count(subjects, name) == 0) subjects.push_back(std::move(name));
    }
  }
  return subjects;
}

bool is_least(const LimitOptions& limit) {
  return limit.measure == "score";
}

double bound_of(const LimitOptions& limit, double beginning) {
  if (limit.against == "number") return limit.limit;
  return is_least(limit) ? beginning + limit.limit : beginning + std::abs(beginning) * limit.limit / 100;
}

bool is_met(const LimitOptions& limit, double beginning, double end) {
  const double bound = bound_of(limit, beginning);
  return is_least(limit) ? end >= bound : end <= bound;
}

std::string measured_key(const LimitOptions& limit, const Project& project) {
  if (limit.measure != "score") return fmt::format("{} {}", limit.measure, limit.of);
  const auto index = evaluation_of(limit, project);
  return fmt::format("score {}", index ? project.evaluations[*index].file : limit.of);
}

std::string limit_subject_text(const LimitOptions& limit) {
  if (limit.measure == "probe") return fmt::format("{} of the probes", limit.of);
  if (limit.measure == "loss") return limit.of.empty() ? "loss" : fmt::format("loss {}", limit.of);
  return limit.of.empty() ? "score" : fmt::format("score of {}", limit.of);
}

std::string limit_text(const LimitOptions& limit) {
  const std::string subject = limit_subject_text(limit);
  const char* side = is_least(limit) ? "at least" : "at most";
  if (limit.against == "number") return fmt::format("{} {} {:g}", subject, side, limit.limit);
  if (limit.limit == 0) return fmt::format("{} {} as at the beginning", subject, side);
  return fmt::format("{} {} {} {} the beginning", subject, side, change_text(limit),
                     limit.limit > 0 ? "above" : "below");
}

}  // namespace llavakd
