// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/option_changes.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// Options and their values in a run, in the order of the file.
using OptionHistory = std::vector<std::pair<std::string, std::vector<OptionValue>>>;

/// The stage's name, or empty for the project, and its options.
using StageHistory = std::vector<std::pair<std::string, OptionHistory>>;

// No project has more; a file that somebody else wrote may.
constexpr size_t most_options = 2000, most_records = 1000, longest_key = 60;
constexpr int deepest_option = 4;

using FlatOptions = std::vector<std::pair<std::string, Json>>;

void flatten(const Json& value, const std::string& path, int depth, FlatOptions& into);

/// A list of objects by the text that names each of them: terms.
void flatten_terms(const Json& list, const std::string& path, int depth, FlatOptions& into) {
  for (const Json& term : list) {
    const auto name = term.is_object() ? term.find("term") : term.end();
    if (!term.is_object() || name == term.end() || !name->is_string()) continue;
    Json rest = term;
    rest.erase("term");
    flatten(rest, path + '.' + printable(name->get_ref<const std::string&>(), longest_key), depth + 1, into);
  }
}

void flatten(const Json& value, const std::string& path, int depth, FlatOptions& into) {
  if (into.size() >= most_options) return;
  if (!value.is_object() || depth >= deepest_option) {
    into.emplace_back(path, value);
    return;
  }
  for (const auto& [key, each] : value.items()) {
    const std::string name = printable(key, longest_key), place = path.empty() ? name : path + '.' + name;
    if (key == "terms" && each.is_array())
      flatten_terms(each, place, depth + 1, into);
    else
      flatten(each, place, depth + 1, into);
  }
}

std::vector<OptionValue>& values_of(OptionHistory& history, const std::string& option) {
  const auto found = std::ranges::find(history, option, &OptionHistory::value_type::first);
  if (found != history.end()) return found->second;
  return history.emplace_back(option, std::vector<OptionValue>()).second;
}

bool has_option(const OptionHistory& history, const std::string& option) {
  return std::ranges::find(history, option, &OptionHistory::value_type::first) != history.end();
}

/// Adds what was valid from a step on. An option that is not named there any more has no value from then on.
void note(OptionHistory& history, int64_t from_step, const Json& options) {
  FlatOptions flat;
  if (options.is_object()) flatten(options, "", 0, flat);
  const bool first = history.empty();
  std::set<std::string> named;
  for (auto& [option, value] : flat) {
    if (option == "name" || (history.size() >= most_options && !has_option(history, option))) continue;
    named.insert(option);
    auto& values = values_of(history, option);
    if (values.empty() && !first) values.push_back({0, nullptr});
    if (values.empty() || values.back().value != value) values.push_back({from_step, std::move(value)});
  }
  for (auto& [option, values] : history)
    if (!named.contains(option) && !values.back().value.is_null()) values.push_back({from_step, nullptr});
}

/// The configuration in run.json, where its schedule holds.
std::optional<Project> project_of(const RunInfo& run) {
  try {
    auto project = options_from_json<Project>(run.project, "run.json: ");
    scheduled_stages(project);
    return project;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

/// A schedule may have a stage twice: "DFT", "DFT (2)".
std::string label_of(const std::string& stage, std::map<std::string, int>& seen) {
  const int count = ++seen[stage];
  return count == 1 ? stage : fmt::format("{} ({})", stage, count);
}

/// The stages as they ran, by their place in the schedule; those that the run hasn't come to, as its configuration has
/// them.
StageHistory history_of(const RunInfo& run) {
  OptionHistory shared;
  std::map<int64_t, std::pair<std::string, OptionHistory>> stages;
  const size_t records = std::min(run.stages.size(), most_records);
  for (const StageRecord& record : std::span(run.stages).first(records)) {
    note(shared, record.from_step, record.shared);
    auto& [name, options] = stages[record.stage_index];
    name = record.stage;
    note(options, record.from_step, record.options);
  }
  if (const auto project = project_of(run)) {
    if (run.stages.empty()) note(shared, 0, shared_options(*project));
    values_of(shared, "run.seed") = std::vector{OptionValue{0, project->run.seed}};
    int64_t index = 0;
    for (const StageOptions& stage : scheduled_stages(*project)) {
      auto& [name, options] = stages[index++];
      if (!name.empty()) continue;
      name = stage.name;
      note(options, 0, to_json(stage));
    }
  }
  StageHistory history{{"", std::move(shared)}};
  std::map<std::string, int> seen;
  for (auto& [index, stage] : stages) history.emplace_back(label_of(stage.first, seen), std::move(stage.second));
  return history;
}

/// Where a stage begins depends on those before it; what it ran with doesn't.
bool are_same(const std::vector<OptionValue>& a, const std::vector<OptionValue>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].value != b[i].value || (i > 0 && a[i].from_step != b[i].from_step)) return false;
  return true;
}

std::string option_text(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_array()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string list;
  for (const Json& each : value) list += (list.empty() ? "" : ", ") + option_text(each);
  return list;
}

/// Of runs that another program recorded no options are known.
bool has_options(const StageHistory& history) {
  return std::ranges::any_of(history, [](const auto& stage) { return !stage.second.empty(); });
}

/// The names of both, those of `of` first.
template <class List>
void add_names(std::vector<std::string>& names, const List& of) {
  for (const auto& [name, value] : of)
    if (std::ranges::count(names, name) == 0) names.push_back(name);
}

const OptionHistory* stage_named(const StageHistory& history, const std::string& stage) {
  const auto found = std::ranges::find(history, stage, &StageHistory::value_type::first);
  return found == history.end() ? nullptr : &found->second;
}

}  // namespace

std::vector<OptionRow> run_difference(const std::vector<RunInfo>& runs) {
  std::vector<StageHistory> histories;
  std::vector<std::string> stages;
  for (const RunInfo& run : runs) add_names(stages, histories.emplace_back(history_of(run)));
  std::vector<OptionRow> rows;
  for (const std::string& stage : stages) {
    std::vector<std::string> options;
    for (const StageHistory& history : histories)
      if (const OptionHistory* its = stage_named(history, stage)) add_names(options, *its);
    for (const std::string& option : options) {
      OptionRow row{.stage = stage, .option = option, .runs = {}};
      for (const StageHistory& history : histories) {
        auto& values = row.runs.emplace_back();
        const OptionHistory* its = stage_named(history, stage);
        if (!its) continue;
        const auto found = std::ranges::find(*its, option, &OptionHistory::value_type::first);
        if (found != its->end()) values = found->second;
      }
      const std::vector<OptionValue>* first = nullptr;
      for (size_t i = 0; i < histories.size(); ++i) {
        if (!has_options(histories[i])) continue;
        if (!first) first = &row.runs[i];
        row.differs = row.differs || !are_same(row.runs[i], *first);
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string to_text(const std::vector<OptionValue>& values) {
  if (values.empty()) return "–";
  std::string text = option_text(values.front().value);
  for (size_t i = 1; i < values.size(); ++i)
    text += fmt::format(", from step {} on {}", values[i].from_step, option_text(values[i].value));
  return text;
}

}  // namespace llavakd
