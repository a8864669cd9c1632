// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <vector>

#include "core/report/html_text.h"
#include "core/report/report_run.h"
#include "core/report/svg_chart.h"

namespace llavakd {

/// A chart of a report, with the numbers behind it.
struct ReportChart {
  std::string id;    ///< Of its file: "losses", "term-ce".
  std::string note;  ///< What the lines are made of, in a sentence.
  SvgChart chart;
  HtmlTable table;
};

/// The pen of a run among others.
ChartPen pen_of_run(size_t index);

/// What a run's course looks like: total and weighted terms together, each raw term by itself, gradient norm, learning
/// rate, seconds a step, what else was recorded, and the probes' distance to the teacher. Of several runs a line each.
std::vector<ReportChart> charts_of(const std::vector<ReportRun>& runs);

}  // namespace llavakd
