// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <optional>

#include "core/base/errors.h"
#include "core/project/visitors.h"
#include "core/report/html_text.h"
#include "core/report/sections.h"
#include "core/run/run_difference.h"

namespace llavakd {
namespace {

/// The same stages with the same terms, and otherwise what a new project has. Nothing where the run's configuration
/// can't be read.
std::optional<RunInfo> usual_options(const RunInfo& run) {
  try {
    const auto project = options_from_json<Project>(run.project, "run.json: ");
    Project usual;
    usual.schedule = project.schedule;
    for (const StageOptions& stage : project.stages) {
      StageOptions& added = usual.stages.emplace_back();
      added.name = stage.name;
      added.terms.clear();
      for (const TermOptions& term : stage.terms) added.terms.push_back({.term = term.term});
    }
    RunInfo info;
    info.project = to_json(usual);
    return info;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

std::string option_html(const OptionRow& row) {
  const std::string stage =
      row.stage.empty() ? "" : fmt::format("<span class=\"muted\">{}</span> ", html_text(row.stage));
  return stage + fmt::format("<code>{}</code>", html_text(row.option));
}

std::string options_table_html(const char* caption, const std::vector<std::string>& head,
                               const std::vector<std::vector<std::string>>& rows) {
  return table_html({.caption = caption, .head = head, .rows = rows, .numbers = {}});
}

std::string value_html(const std::vector<OptionValue>& values) {
  const std::string told = to_text(values);
  const std::string text = told.empty() ? "<span class=\"muted\">(empty)</span>" : html_text(told, 600);
  // A resume changed it.
  return values.size() > 1 ? fmt::format("<mark>{}</mark>", text) : text;
}

std::string options_of_one(const ReportRun& run) {
  const auto usual = usual_options(run.info);
  const std::vector<OptionRow> rows = run_difference(usual ? std::vector{run.info, *usual} : std::vector{run.info});
  std::vector<std::vector<std::string>> changed, same;
  for (const OptionRow& row : rows) {
    if (row.runs.front().empty()) continue;  // a new project alone has it
    const bool is_changed = !usual || row.differs || row.runs.front().size() > 1;
    if (is_changed)
      changed.push_back({option_html(row), value_html(row.runs.front()), usual ? value_html(row.runs[1]) : "–"});
    else
      same.push_back({option_html(row), value_html(row.runs.front())});
  }
  std::string html;
  if (!changed.empty())
    html += options_table_html("Options that were set", {"Option", "As run", "In a new project"}, changed);
  if (!same.empty())
    html += folded_html(fmt::format("{} options as a new project has them", same.size()),
                        options_table_html("Options as a new project has them", {"Option", "As run"}, same));
  return html;
}

std::string options_of_several(const std::vector<ReportRun>& runs) {
  std::vector<RunInfo> infos;
  std::vector<std::string> head{"Option"};
  for (const ReportRun& run : runs) {
    infos.push_back(run.info);
    head.push_back(html_text(run.name));
  }
  std::vector<std::vector<std::string>> differing, same;
  for (const OptionRow& row : run_difference(infos)) {
    std::vector<std::string> cells{option_html(row)};
    for (const auto& values : row.runs) cells.push_back(value_html(values));
    (row.differs ? differing : same).push_back(std::move(cells));
  }
  std::string html = differing.empty() ? "<p>Their options are the same.</p>\n"
                                       : options_table_html("Options that differ", head, differing);
  if (!same.empty())
    html += folded_html(fmt::format("{} options that are the same", same.size()),
                        options_table_html("Options that are the same", head, same));
  return html;
}

}  // namespace

std::string options_html(const std::vector<ReportRun>& runs) {
  return runs.size() == 1 ? options_of_one(runs.front()) : options_of_several(runs);
}

}  // namespace llavakd
