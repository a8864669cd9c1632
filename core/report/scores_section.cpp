// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/report/html_text.h"
#include "core/report/run_charts.h"
#include "core/report/sections.h"
#include "core/report/svg_chart.h"
#include "core/run/score_interval.h"

namespace llavakd {
namespace {

constexpr size_t most_parts = 60, most_listed_skipped = 20;

/// What several runs are scored by: a task on a file.
struct ScoredBy {
  std::string scorer, file;
  auto operator<=>(const ScoredBy&) const = default;
};

/// A run's result, with the run's place among all.
struct RunScore {
  size_t run = 0;
  const ReportEvaluation* evaluation = nullptr;
};

std::string title_of(const ScoredBy& by) {
  if (by.file.empty()) return by.scorer.empty() ? "Evaluation" : by.scorer;
  return fmt::format("{}, {}", by.scorer, by.file);
}

std::vector<std::pair<ScoredBy, std::vector<RunScore>>> scores_by_task(const std::vector<ReportRun>& runs) {
  std::vector<std::pair<ScoredBy, std::vector<RunScore>>> all;
  for (size_t i = 0; i < runs.size(); ++i)
    for (const ReportEvaluation& evaluation : runs[i].evaluations) {
      const ScoredBy by{evaluation.result.scorer, evaluation.result.settings.file};
      auto found = std::ranges::find(all, by, [](const auto& each) { return each.first; });
      if (found == all.end()) found = all.insert(all.end(), {by, {}});
      found->second.push_back({i, &evaluation});
    }
  return all;
}

std::string interval_text(const TaskResult& result) {
  const auto interval = score_interval(result);
  if (!interval) return "–";
  return fmt::format("{}{:.2f} – {:.2f}", interval->is_approximate ? "≈ " : "", interval->low, interval->high);
}

std::string score_table(const std::vector<ReportRun>& runs, const std::vector<RunScore>& scores) {
  HtmlTable table{.caption = "Scores in percent",
                  .head = {"Run", "Score", "95 % interval", "n", "Left out", "The score is", "At"},
                  .rows = {},
                  .numbers = {1, 2, 3, 4}};
  for (const RunScore& score : scores) {
    const TaskResult& result = score.evaluation->result;
    const std::string at = score.evaluation->step < 0 ? "–"
                                                      : fmt::format("{}, step {}", html_text(score.evaluation->stage),
                                                                    count_html(score.evaluation->step));
    table.rows.push_back({html_text(runs[score.run].name), result.score ? fmt::format("{:.2f}", *result.score) : "–",
                          interval_text(result), count_html(result.n), count_html(std::ssize(result.skipped)),
                          html_text(result.score ? result.score_is : result.no_score), at});
  }
  return table_html(table);
}

/// Parts in the order of the first run that has them; a column a run.
std::string breakdown_table(const std::vector<ReportRun>& runs, const std::vector<RunScore>& scores) {
  std::vector<std::string> parts;
  for (const RunScore& score : scores)
    for (const auto& [part, value] : score.evaluation->result.breakdown.parts)
      if (std::ranges::count(parts, part) == 0 && parts.size() < most_parts) parts.push_back(part);
  if (parts.size() < 2) return {};
  HtmlTable table{
      .caption = fmt::format("By {}, in percent", html_text(scores.front().evaluation->result.breakdown.by)),
      .head = {"Part"},
      .rows = {},
      .numbers = {}};
  for (const RunScore& score : scores) {
    table.numbers.push_back(table.head.size());
    table.head.push_back(runs.size() == 1 ? "Score" : html_text(runs[score.run].name));
  }
  for (const std::string& part : parts) {
    std::vector<std::string> row{html_text(part)};
    for (const RunScore& score : scores) {
      const auto& its = score.evaluation->result.breakdown.parts;
      const auto found = std::ranges::find_if(its, [&](const auto& each) { return each.first == part; });
      row.push_back(found == its.end() || !found->second ? "–" : fmt::format("{:.2f}", *found->second));
    }
    table.rows.push_back(std::move(row));
  }
  return table_html(table);
}

/// Of one run the score and its parts; of several the runs.
std::string score_svg(const std::vector<ReportRun>& runs, const std::string& title,
                      const std::vector<RunScore>& scores) {
  std::vector<ScoreMark> marks;
  for (const RunScore& score : scores) {
    const TaskResult& result = score.evaluation->result;
    ScoreMark mark{.label = runs.size() == 1 ? "Score" : runs[score.run].name,
                   .score = result.score,
                   .pen = pen_of_run(score.run)};
    if (const auto interval = score_interval(result)) {
      mark.low = interval->low;
      mark.high = interval->high;
      mark.has_interval = true;
    }
    marks.push_back(std::move(mark));
    if (runs.size() > 1 || result.breakdown.parts.size() < 2) continue;
    for (const auto& [part, value] : result.breakdown.parts)
      if (marks.size() <= most_parts) marks.push_back({.label = part, .score = value, .pen = {0x57606a, 0xaab4c0}});
  }
  return svg_of(title, marks);
}

std::string left_out_html(const std::vector<ReportRun>& runs, const std::vector<RunScore>& scores) {
  std::string html;
  for (const RunScore& score : scores) {
    const auto& skipped = score.evaluation->result.skipped;
    if (skipped.empty()) continue;
    std::string list = "<ul>";
    for (size_t i = 0; i < std::min(skipped.size(), most_listed_skipped); ++i)
      list += fmt::format("<li>{}</li>\n", html_text(skipped[i], 400));
    if (skipped.size() > most_listed_skipped)
      list +=
          fmt::format("<li>and {} more</li>", count_html(std::ssize(skipped) - std::ptrdiff_t(most_listed_skipped)));
    html += folded_html(
        fmt::format("{} questions that {} couldn’t be asked", skipped.size(), html_text(runs[score.run].name)),
        list + "</ul>\n");
  }
  return html;
}

/// A text as a field of CSV (RFC 4180).
std::string csv_field(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string score_rows_csv(const ReportRun& run) {
  std::string csv;
  for (const ReportEvaluation& evaluation : run.evaluations) {
    const TaskResult& result = evaluation.result;
    const std::string begin =
        fmt::format("{},{},{},", csv_field(run.name), csv_field(result.scorer), csv_field(result.settings.file));
    const auto interval = score_interval(result);
    csv += begin + fmt::format("score,{},{},{},{}\n", result.score ? fmt::format("{}", *result.score) : "",
                               interval ? fmt::format("{}", interval->low) : "",
                               interval ? fmt::format("{}", interval->high) : "", result.n);
    for (const auto& [part, value] : result.breakdown.parts)
      csv += begin + fmt::format("{},{},,,\n", csv_field(part), value ? fmt::format("{}", *value) : "");
  }
  return csv;
}

}  // namespace

std::string scores_html(const std::vector<ReportRun>& runs, ReportFiles& files) {
  std::string html, csv = "run,task,file,part,percent,low,high,n\n";
  size_t number = 0;
  for (const auto& [by, scores] : scores_by_task(runs)) {
    const std::string title = title_of(by), svg = score_svg(runs, title, scores);
    const std::string name = fmt::format("charts/scores-{}.svg", ++number);
    files.write(name, svg);
    html += fmt::format(
        "<h4>{}</h4>\n<figure class=\"chart\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
        "aria-label=\"Chart\">{}</div>"
        "<figcaption><a href=\"{}\" download>SVG</a></figcaption></figure>\n",
        html_text(title), svg, name);
    html += score_table(runs, scores) + breakdown_table(runs, scores) + left_out_html(runs, scores);
  }
  if (html.empty()) return html;
  for (const ReportRun& run : runs) csv += score_rows_csv(run);
  files.write("scores.csv", csv);
  return html +
         "<p class=\"muted\">Intervals are Wilson’s, of a share of n questions, with a confidence of 95 %. ≈: the "
         "score is a "
         "mean over types of questions, for which that holds as far as all types have as many. "
         "<a href=\"scores.csv\" download>CSV</a></p>\n";
}

}  // namespace llavakd
