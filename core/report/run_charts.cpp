// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/run_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/io/interruption.h"

namespace llavakd {
namespace {

constexpr size_t most_other_curves = 24, most_probe_lines = 8;
constexpr int wide_chart = 1060, wide_chart_height = 340;

// Told apart by people who don't see all colours (Okabe and Ito 2008), each with its form on dark.
constexpr std::array<std::pair<uint32_t, uint32_t>, 6> run_colours{{{0x0072b2, 0x56b4e9},
                                                                    {0xd55e00, 0xff9a4d},
                                                                    {0x009e73, 0x3dd6a8},
                                                                    {0x9b4f96, 0xd98fd4},
                                                                    {0x7a6a00, 0xe0cf4f},
                                                                    {0x5a6470, 0xaab4c0}}};
constexpr std::array line_styles{LineStyle::solid, LineStyle::dash, LineStyle::dash_dot, LineStyle::dot};

/// One line that a chart is to have.
struct WantedLine {
  const ReportRun* run;
  std::string key, label;
  ChartPen pen;
};

ChartPen pen_of_term(const std::string& term, size_t index) {
  const TermInfo* known = term_info(term);
  if (!known) return pen_of_run(index);
  return {.on_light = known->colour_on_light, .on_dark = known->colour_on_dark, .style = known->line};
}

std::string label_of_term(const std::string& term) {
  const TermInfo* known = term_info(term);
  return known ? std::string(known->label) : term;
}

/// Those of all runs, in the catalog's order.
std::vector<std::string> terms_of_runs(const std::vector<ReportRun>& runs) {
  std::vector<std::string> terms;
  const auto add = [&](const std::string& term) {
    if (std::ranges::count(terms, term) == 0) terms.push_back(term);
  };
  std::set<std::string> recorded;
  for (const ReportRun& run : runs)
    for (const std::string& key : run.steps->keys())
      if (const auto term = term_of_key(key, "terms.")) recorded.insert(*term);
  for (const TermInfo& term : term_catalog())
    if (recorded.contains(std::string(term.name))) add(std::string(term.name));
  for (const std::string& term : recorded) add(term);
  return terms;
}

/// Keys of runs that other programs recorded.
std::vector<std::string> other_keys_of_runs(const std::vector<ReportRun>& runs) {
  const std::vector<std::string>& usual = StepHistory::first_keys();
  std::vector<std::string> keys;
  for (const ReportRun& run : runs)
    for (const std::string& key : run.steps->keys())
      if (!term_of_key(key, "terms.") && !term_of_key(key, "weighted.") && std::ranges::count(usual, key) == 0 &&
          std::ranges::count(keys, key) == 0 && keys.size() < most_other_curves)
        keys.push_back(key);
  return keys;
}

/// Of several runs only where they have them at the same steps: else the lines would belong to none of them.
std::vector<ChartJoint> joints_of_runs(const std::vector<ReportRun>& runs) {
  const auto joints_of_run = [](const ReportRun& run) {
    std::vector<ChartJoint> joints;
    for (const ReportStage& stage : run.stages)
      if (stage.last_row > stage.first_row) joints.push_back({stage.begin_step, stage.name});
    return joints;
  };
  const std::vector<ChartJoint> first = joints_of_run(runs.front());
  for (const ReportRun& run : runs) {
    const std::vector<ChartJoint> others = joints_of_run(run);
    if (!std::ranges::equal(first, others,
                            [](const auto& a, const auto& b) { return a.x == b.x && a.label == b.label; }))
      return {};
  }
  return first;
}

void add_rows(HtmlTable& table, const WantedLine& line) {
  const StepHistory& steps = *line.run->steps;
  const auto key = steps.find(line.key);
  if (!key) return;
  const auto add = [&](const std::string& stage, size_t first, size_t last) {
    const NumberRange range = steps.range(*key, first, last);
    if (range.is_empty()) return;
    table.rows.push_back({html_text(line.label), html_text(stage), count_html(static_cast<int64_t>(range.count)),
                          number_html(steps.value(*key, first)), number_html(steps.value(*key, last - 1)),
                          number_html(range.mean()), number_html(range.least), number_html(range.most)});
  };
  for (const ReportStage& stage : line.run->stages) add(stage.name, stage.first_row, stage.last_row);
  if (line.run->stages.empty()) add("–", 0, steps.size());
}

std::string note_on(const SvgChart& chart) {
  size_t most_rows = 1;
  std::string gaps;
  for (const ChartLine& line : chart.lines) {
    most_rows = std::max(most_rows, line.curve.rows_a_point);
    if (line.label == "Total" && line.curve.without > 0)
      gaps = fmt::format("{} of {} steps have no finite total; they are gaps.",
                         count_html(static_cast<int64_t>(line.curve.without)),
                         count_html(static_cast<int64_t>(line.curve.rows)));
  }
  if (most_rows == 1) return gaps;  // each point is a step
  return fmt::format("The line is the mean of {} steps at a time, the band behind it their extremes. {}",
                     count_html(static_cast<int64_t>(most_rows)), gaps);
}

class RunCharts {
 public:
  explicit RunCharts(const std::vector<ReportRun>& runs) : runs_(runs), joints_(joints_of_runs(runs)) {}

  std::vector<ReportChart> charts() {
    const std::vector<std::string> terms = terms_of_runs(runs_);
    add_losses(terms);
    for (size_t i = 0; i < terms.size(); ++i)
      add_of_all("term-" + terms[i], label_of_term(terms[i]) + ", raw", label_of_term(terms[i]), "terms." + terms[i],
                 pen_of_term(terms[i], i));
    add_of_all("gradient-norm", "Gradient norm", "gradient norm", "grad_norm", {});
    add_of_all("learning-rate", "Learning rate", "learning rate", "learning_rate", {});
    add_of_all("seconds", "Time of a step", "seconds a step", "seconds", {});
    for (const std::string& key : other_keys_of_runs(runs_)) add_of_all("other-" + key, key, key, key, {});
    add_probes();
    return std::move(charts_);
  }

 private:
  void add(const std::string& id, const std::string& title, const std::string& unit,
           const std::vector<WantedLine>& wanted) {
    throw_if_interrupted();
    ReportChart made{.id = id, .note = {}, .chart = {.title = title, .unit = unit, .joints = joints_}, .table = {}};
    made.table = {.head = {"Line", "Stage", "Steps", "First", "Last", "Mean", "Least", "Most"},
                  .numbers = {2, 3, 4, 5, 6, 7}};
    made.table.caption = html_text(title);
    for (const WantedLine& line : wanted) {
      Curve curve = curve_of(*line.run, line.key);
      if (curve.points.empty()) continue;
      made.chart.lines.push_back({.label = line.label, .pen = line.pen, .curve = std::move(curve)});
      add_rows(made.table, line);
    }
    if (made.chart.lines.empty()) return;
    made.note = note_on(made.chart);
    charts_.push_back(std::move(made));
  }

  /// A key of one run, or of each run a line.
  void add_of_all(const std::string& id, const std::string& title, const std::string& unit, const std::string& key,
                  const ChartPen& pen) {
    std::vector<WantedLine> lines;
    for (size_t i = 0; i < runs_.size(); ++i)
      lines.push_back(
          {&runs_[i], key, runs_.size() == 1 ? title : runs_[i].name, runs_.size() == 1 ? pen : pen_of_run(i)});
    add(id, title, unit, lines);
  }

  void add_losses(const std::vector<std::string>& terms) {
    if (runs_.size() > 1) {
      add_of_all("losses", "Total loss", "loss", "total", {});
    } else {
      std::vector<WantedLine> lines{{&runs_.front(), "total", "Total", {}}};
      for (size_t i = 0; i < terms.size(); ++i)
        lines.push_back({&runs_.front(), "weighted." + terms[i], label_of_term(terms[i]), pen_of_term(terms[i], i)});
      add("losses", "Total loss and its weighted terms", "loss", lines);
    }
    if (charts_.empty()) return;
    charts_.back().chart.width = wide_chart;
    charts_.back().chart.height = wide_chart_height;
  }

  /// The term that probes show, by probe; of several runs the mean over the probes.
  void add_probes() {
    const std::string term(probe_curve_term().name);
    SvgChart chart{.title = fmt::format("{} of the probes", probe_curve_term().label), .unit = term, .joints = joints_};
    HtmlTable table{.caption = html_text(chart.title), .head = {"Line", "First", "Last"}, .numbers = {1, 2}};
    for (size_t i = 0; i < runs_.size(); ++i) {
      std::vector<ChartLine> lines =
          runs_.size() == 1 ? lines_of_probes(runs_[i], term) : std::vector{mean_of_probes(runs_[i], i, term)};
      for (ChartLine& line : lines) {
        if (line.curve.points.empty()) continue;
        table.rows.push_back({html_text(line.label), number_html(line.curve.points.front().mean),
                              number_html(line.curve.points.back().mean)});
        chart.lines.push_back(std::move(line));
      }
    }
    if (!chart.lines.empty())
      charts_.push_back({.id = "probes", .note = {}, .chart = std::move(chart), .table = std::move(table)});
  }

  static std::vector<ChartLine> lines_of_probes(const ReportRun& run, const std::string& term) {
    std::vector<ChartLine> lines;
    for (const ReportLook& look : run.looks)
      for (const ProbeValues& probe : look.probes) {
        if (probe.index < 0 || probe.index >= static_cast<int64_t>(most_probe_lines)) continue;
        const auto index = static_cast<size_t>(probe.index);
        while (lines.size() <= index)
          lines.push_back({.label = fmt::format("Probe {}", lines.size() + 1), .pen = pen_of_run(lines.size())});
        add_point(lines[index].curve, look.step, number_of(probe.terms, term));
      }
    return lines;
  }

  static ChartLine mean_of_probes(const ReportRun& run, size_t index, const std::string& term) {
    ChartLine line{.label = run.name, .pen = pen_of_run(index)};
    for (const ReportLook& look : run.looks) {
      NumberRange range;
      for (const ProbeValues& probe : look.probes) range.add(static_cast<float>(number_of(probe.terms, term)));
      add_point(line.curve, look.step, range.mean());
    }
    return line;
  }

  static void add_point(Curve& curve, int64_t step, double value) {
    constexpr size_t most_points = 2000;
    if (!std::isfinite(value) || curve.points.size() >= most_points) return;
    curve.points.push_back(
        {.x = static_cast<double>(step), .mean = value, .least = value, .most = value, .begins = curve.points.empty()});
  }

  const std::vector<ReportRun>& runs_;
  const std::vector<ChartJoint> joints_;
  std::vector<ReportChart> charts_;
};

}  // namespace

ChartPen pen_of_run(size_t index) {
  const auto& [light, dark] = run_colours[index % run_colours.size()];
  return {.on_light = light, .on_dark = dark, .style = line_styles[index % line_styles.size()]};
}

std::vector<ReportChart> charts_of(const std::vector<ReportRun>& runs) {
  return RunCharts(runs).charts();
}

}  // namespace llavakd
