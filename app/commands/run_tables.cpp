// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/run_tables.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "app/command_line.h"
#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "core/base/printable.h"

namespace llavakd {
namespace {

using Lines = std::vector<std::vector<std::string>>;

constexpr const char* none = "–";

/// Characters, not bytes.
size_t width_of(std::string_view utf8) {
  return static_cast<size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string status_text(const RunOverview& run) {
  if (!run.run.fault.empty()) return "damaged";
  std::string text(name_of(run.status));
  if (!run.run.belongs)
    text += run.run.owner.empty() ? ", of another project" : ", of " + printable(run.run.owner, 60);
  else if (run.run.info.kind == RunKind::ablate)
    text += ", of an ablation";
  else if (run.run.info.kind == RunKind::imported)
    text = "imported";
  return text;
}

std::string step_text(const RunOverview& run) {
  if (run.stage.empty()) return none;
  const std::string stage = printable(run.stage, 40);
  return run.planned_steps > 0 ? fmt::format("{} {}/{}", stage, run.step, run.planned_steps)
                               : fmt::format("{} {}", stage, run.step);
}

std::string scores_text(const RunOverview& run) {
  std::string text;
  for (const TaskResult& score : run.scores)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(score.scorer, 40),
                        score.score ? fmt::format("{:.1f} % of {}", *score.score, score.n) : none);
  return text.empty() ? none : text;
}

std::string tags_text(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : ", ") + printable(tag, 60);
  return text;
}

}  // namespace

std::string table_text(const Lines& lines) {
  std::vector<size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < line.size(); ++i) {
      row += line[i];
      if (i + 1 < line.size()) row += std::string(widths[i] - width_of(line[i]) + 2, ' ');
    }
    text += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string runs_table(const std::vector<RunOverview>& runs) {
  Lines lines{{"run", "started", "status", "step", "total", "score", "at work", "size", "tags"}};
  for (const RunOverview& run : runs)
    lines.push_back({(run.notes.baseline ? "*" : "") + run.run.folder.id(), date_text(run.run.when), status_text(run),
                     step_text(run), std::isnan(run.total) ? none : fmt::format("{:.4g}", run.total), scores_text(run),
                     run.seconds > 0 ? duration_text(run.seconds) : none, size_text(run_disk_use(run.run.folder).all),
                     tags_text(run.notes.tags)});
  return table_text(lines);
}

std::string options_table(const std::vector<std::string>& names, const std::vector<OptionRow>& rows) {
  Lines lines{{"stage", "option"}};
  lines.front().insert(lines.front().end(), names.begin(), names.end());
  for (const OptionRow& row : rows) {
    constexpr size_t longest = 120;
    std::vector<std::string> line{row.stage.empty() ? none : printable(row.stage, longest),
                                  printable(row.option, longest)};
    for (const auto& values : row.runs) line.push_back(printable(to_text(values), longest));
    lines.push_back(std::move(line));
  }
  return table_text(lines);
}

std::string checkpoints_table(const std::vector<RunCheckpoint>& checkpoints) {
  Lines lines{{"checkpoint", "written", "mean loss", "size", ""}};
  for (const RunCheckpoint& checkpoint : checkpoints) {
    std::string marks;
    for (const auto& [is, mark] :
         {std::pair(checkpoint.newest, "newest"), std::pair(checkpoint.stage_done, "stage's end"),
          std::pair(checkpoint.pinned, "pinned")})
      if (is) marks += std::string(marks.empty() ? "" : ", ") + mark;
    lines.push_back({checkpoint.name, date_text(checkpoint.written),
                     std::isnan(checkpoint.mean_total) ? none : fmt::format("{:.4g}", checkpoint.mean_total),
                     size_text(checkpoint.bytes), marks});
  }
  return table_text(lines);
}

std::string lines_text(std::string_view text) {
  constexpr size_t longest = 4'000;
  std::string shown;
  while (true) {
    const size_t end = text.find('\n');
    shown += printable(text.substr(0, end), longest);
    if (end == std::string_view::npos) return shown;
    shown += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string date_text(double seconds) {
  constexpr double year_9999 = 253'370'000'000.0;
  if (!(seconds > 0 && seconds < year_9999)) return none;
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

}  // namespace llavakd
