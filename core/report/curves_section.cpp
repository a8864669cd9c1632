// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <set>

#include "core/report/html_text.h"
#include "core/report/run_charts.h"
#include "core/report/sections.h"

namespace llavakd {
namespace {

std::string chart_html(const ReportChart& chart, ReportFiles& files, std::set<std::string>& names) {
  std::string name = fmt::format("charts/{}", file_word(chart.id));
  for (int i = 2; !names.insert(name).second; ++i) name = fmt::format("charts/{}-{}", file_word(chart.id), i);
  const std::string svg = svg_of(chart.chart);
  files.write(name + ".svg", svg);
  return fmt::format(
      "<figure class=\"chart{}\"><figcaption><b>{}</b> <a href=\"{}.svg\" download>SVG</a></figcaption>"
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Chart\">{}</div>\n{}{}</figure>\n",
      chart.id == "losses" ? " wide" : "", html_text(chart.chart.title), name, svg,
      chart.note.empty() ? "" : fmt::format("<p class=\"muted\">{}</p>\n", chart.note),
      folded_html("Numbers", table_html(chart.table)));
}

}  // namespace

std::string curves_html(const std::vector<ReportRun>& runs, ReportFiles& files) {
  std::string html;
  std::set<std::string> names;
  for (const ReportChart& chart : charts_of(runs)) html += chart_html(chart, files, names);
  return html.empty() ? html : fmt::format("<div class=\"charts\">\n{}</div>\n", html);
}

}  // namespace llavakd
