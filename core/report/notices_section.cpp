// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/report/html_text.h"
#include "core/report/sections.h"

namespace llavakd {

std::string notices_html(const std::vector<ReportRun>& runs) {
  HtmlTable table{
      .caption = "Warnings, gates and alerts", .head = {"What", "Stage", "Step", "Text"}, .rows = {}, .numbers = {2}};
  if (runs.size() > 1) {
    table.head.insert(table.head.begin(), "Run");
    table.numbers = {3};
  }
  std::string more;
  for (const ReportRun& run : runs) {
    for (const ReportNotice& notice : run.notices) {
      std::vector<std::string> row{html_text(notice.kind), html_text(notice.stage), count_html(notice.step),
                                   html_text(notice.text)};
      if (runs.size() > 1) row.insert(row.begin(), html_text(run.name));
      table.rows.push_back(std::move(row));
    }
    if (run.more_notices > 0)
      more +=
          fmt::format("<p class=\"muted\">And {} more of {}.</p>\n", count_html(run.more_notices), html_text(run.name));
  }
  return table.rows.empty() ? std::string() : table_html(table) + more;
}

}  // namespace llavakd
