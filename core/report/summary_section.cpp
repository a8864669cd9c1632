// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/base/duration.h"
#include "core/base/name_list.h"
#include "core/report/html_text.h"
#include "core/report/sections.h"
#include "core/run/score_interval.h"

namespace llavakd {
namespace {

std::string badge_html(const char* kind, const char* mark, std::string_view word) {
  return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>", kind, mark, word);
}

std::string fact_html(const std::string& name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

std::string steps_text(const ReportRun& run) {
  const int64_t planned = std::max(run.planned_steps, run.step);
  return planned == run.step ? count_html(run.step)
                             : fmt::format("{} of {}", count_html(run.step), count_html(planned));
}

/// With its state, where the head of the page doesn't have it.
std::string facts_html(const ReportRun& run, bool with_state) {
  std::string tags;
  for (const std::string& tag : run.tags) tags += fmt::format("<span class=\"tag\">{}</span> ", html_text(tag));
  std::string html = "<dl class=\"facts\">\n";
  if (with_state) html += fact_html("State", state_badge(run) + verification_badge(run));
  html += fact_html("Project", html_text(run.project));
  html += fact_html("Teacher", html_text(run.teacher));
  html += fact_html("Student", html_text(run.student));
  html += fact_html("Steps", steps_text(run));
  html += fact_html("Time at work", run.seconds > 0 ? duration_text(run.seconds) : "");
  html += fact_html("Started", date_html(run.info.started));
  html += fact_html("Last event", date_html(run.last_event));
  if (run.info.branch_of)
    html += fact_html("Branch of", fmt::format("{} from {}", html_text(run.info.branch_of->run),
                                               html_text(run.info.branch_of->checkpoint)));
  if (run.is_baseline) html += fact_html("Role", "baseline of its project");
  return html + fact_html("Tags", tags) + "</dl>\n";
}

std::string stages_table(const ReportRun& run) {
  HtmlTable table{.caption = "Stages",
                  .head = {"Stage", "Steps", "Learns", "Trained parameters", "Time", "Total at its end"},
                  .rows = {},
                  .numbers = {1, 3, 4, 5}};
  for (const ReportStage& stage : run.stages) {
    const int64_t planned = std::max(stage.planned, stage.done);
    table.rows.push_back({html_text(stage.name),
                          planned == stage.done ? count_html(stage.done)
                                                : fmt::format("{} of {}", count_html(stage.done), count_html(planned)),
                          stage.trained.empty() ? "–" : html_text(name_list(stage.trained)),
                          stage.trained_parameters > 0 ? count_html(stage.trained_parameters) : "–",
                          stage.seconds > 0 ? duration_text(stage.seconds) : "–", number_html(stage.total)});
  }
  if (table.rows.empty()) return "<p class=\"muted\">The run has begun no stage.</p>\n";
  return table_html(table) +
         "<p class=\"muted\">The total at a stage’s end is the mean over the last tenth of its steps.</p>\n";
}

std::string short_score(const ReportEvaluation& evaluation) {
  if (!evaluation.result.score) return "no score";
  std::string text = fmt::format("{:.2f} %", *evaluation.result.score);
  if (const auto interval = score_interval(evaluation.result))
    text += fmt::format(" <span class=\"muted\">[{:.1f}, {:.1f}]</span>", interval->low, interval->high);
  return text;
}

std::string comparison_table(const std::vector<ReportRun>& runs) {
  HtmlTable table{.caption = "The runs",
                  .head = {"Run", "State", "Verified", "Steps", "Time", "Total at the end", "Scores"},
                  .rows = {},
                  .numbers = {3, 4, 5}};
  for (const ReportRun& run : runs) {
    std::string scores;
    for (const ReportEvaluation& evaluation : run.evaluations)
      scores += fmt::format("<div>{} {}</div>", html_text(evaluation.result.scorer), short_score(evaluation));
    const auto newest = std::find_if(run.stages.rbegin(), run.stages.rend(),
                                     [](const ReportStage& stage) { return stage.last_row > stage.first_row; });
    table.rows.push_back({html_text(run.name), state_badge(run), verification_badge(run), steps_text(run),
                          run.seconds > 0 ? duration_text(run.seconds) : "–",
                          newest == run.stages.rend() ? "–" : number_html(newest->total),
                          scores.empty() ? "–" : scores});
  }
  return table_html(table);
}

std::string message_html(const ReportRun& run) {
  return run.message.empty() ? "" : fmt::format("<p class=\"message\">{}</p>\n", html_text(run.message));
}

}  // namespace

std::string state_badge(const ReportRun& run) {
  switch (run.status) {
    case RunStatus::running:
      return badge_html("running", "▶", "running");
    case RunStatus::paused:
      return badge_html("paused", "❚❚", "paused");
    case RunStatus::finished:
      return badge_html("good", "✓", "finished");
    case RunStatus::failed:
      return badge_html("bad", "✗", "failed");
    case RunStatus::stopped:
      return badge_html("plain", "■", "stopped");
    case RunStatus::interrupted:
      return badge_html("bad", "✗", "interrupted");
    case RunStatus::unknown:
      break;
  }
  return badge_html("plain", "?", "unknown");
}

std::string verification_badge(const ReportRun& run) {
  if (!run.verification) return badge_html("plain", "–", "not verified");
  if (!run.verification->holds()) return badge_html("bad", "✗", "faults were found");
  if (run.is_verification_outdated) return badge_html("paused", "✓", "verified before it went on");
  return badge_html("good", "✓", "verified");
}

std::string summary_html(const std::vector<ReportRun>& runs) {
  std::string html;
  if (runs.size() > 1) html += comparison_table(runs);
  for (const ReportRun& run : runs) {
    std::string one = facts_html(run, runs.size() > 1) + message_html(run) + stages_table(run);
    if (!run.notes.empty())
      one += fmt::format("<div class=\"notes\"><h4>Notes</h4>{}</div>\n", html_paragraphs(run.notes));
    html += runs.size() == 1 ? one : folded_html(html_text(run.name), one);
  }
  return html;
}

}  // namespace llavakd
