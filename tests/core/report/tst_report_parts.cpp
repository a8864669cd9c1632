// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <algorithm>

#include "core/report/html_text.h"
#include "core/report/npy_file.h"
#include "core/report/report_files.h"
#include "core/report/svg_chart.h"
#include "core/run/score_interval.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// A run with this total in each step and nothing else.
ReportRun run_of(const std::vector<double>& totals, size_t second_stage_at = 0) {
  StepHistory steps;
  steps.begin_stage({.name = "DPT"});
  ReportRun run;
  for (size_t i = 0; i < totals.size(); ++i) {
    if (second_stage_at > 0 && i == second_stage_at)
      steps.begin_stage({.name = "DFT", .first_row = i, .begin_step = static_cast<double>(i)});
    steps.add_row(static_cast<double>(i + 1), 0, {{"total", totals[i]}});
  }
  const size_t end = second_stage_at > 0 ? second_stage_at : totals.size();
  run.stages.push_back({.name = "DPT", .first_row = 0, .last_row = end});
  if (second_stage_at > 0)
    run.stages.push_back(
        {.name = "DFT", .begin_step = static_cast<double>(end), .first_row = end, .last_row = totals.size()});
  run.steps = std::make_shared<const StepHistory>(std::move(steps));
  return run;
}

QString fault_of_xml(const std::string& svg) {
  QXmlStreamReader reader(QByteArray::fromStdString(svg));
  while (!reader.atEnd()) reader.readNext();
  return reader.errorString();
}

}  // namespace

class TestReportParts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void textsAreNeverMarkup() {
    QCOMPARE(html_text("<script>alert(\"a\")</script> & 'b'"),
             "&lt;script&gt;alert(&quot;a&quot;)&lt;/script&gt; &amp; &#39;b&#39;");
    QCOMPARE(html_text("\xff\x1b[2J"), "\\xff\\x1b[2J");
    QCOMPARE(html_paragraphs("a\n\n<b>"), "<p>a</p>\n<p>&lt;b&gt;</p>\n");
  }

  void numbersAreForPeople() {
    QCOMPARE(number_html(0.123456), "0.1235");
    QCOMPARE(number_html(-2), "−2");
    QCOMPARE(number_html(NAN), "–");
    QCOMPARE(count_html(1234567), "1,234,567");
    QCOMPARE(count_html(-1234), "-1,234");
    QCOMPARE(date_html(1'700'000'000), "2023-11-14 22:13 UTC");
    QCOMPARE(date_html(0), "–");
  }

  void bytesAsText() {
    QCOMPARE(base64(""), "");
    QCOMPARE(base64("f"), "Zg==");
    QCOMPARE(base64("fo"), "Zm8=");
    QCOMPARE(base64("foo"), "Zm9v");
    QCOMPARE(base64("foob\xff"), QByteArray("foob\xff").toBase64().toStdString());
  }

  void namesOfFilesLeadNowhere() {
    QCOMPARE(file_word("DFT-4.1"), "DFT-4.1");
    QCOMPARE(file_word("../a b"), "_._a_b");
    QCOMPARE(file_word(""), "_");
    QCOMPARE(file_word(std::string(200, 'a')).size(), size_t{60});
  }

  /// The interval of 80 of 100 after Wilson's formula, as R's prop.test(80, 100, correct = FALSE) gives it.
  void aScoreIsKnownToAnInterval() {
    TaskResult result{.score = 80, .n = 100, .breakdown = {.parts = {{"all", 80}}}};
    const auto interval = score_interval(result);
    QVERIFY(interval && !interval->is_approximate);
    QVERIFY2(std::abs(interval->low - 71.1170) < 1e-3 && std::abs(interval->high - 86.6633) < 1e-3,
             fmt::format("{} {}", interval->low, interval->high).c_str());
    result.score = 100;
    QCOMPARE(score_interval(result)->high, 100.0);
    result.breakdown.parts.emplace_back("more", 50);
    QVERIFY(score_interval(result)->is_approximate);
    result.breakdown.by = "metrics";
    QVERIFY(!score_interval(result));
    QVERIFY(!score_interval({.score = 80, .n = 0}));
    QVERIFY(!score_interval({.score = {}, .n = 4}));
    QVERIFY(!score_interval({.score = NAN, .n = 4}));
  }

  void fewStepsAreTheirOwnPoints() {
    const Curve curve = curve_of(run_of({3, NAN, 1, INFINITY, 2}), "total");
    QCOMPARE(curve.rows_a_point, size_t{1});
    QCOMPARE(curve.without, size_t{2});
    QCOMPARE(curve.points.size(), size_t{3});
    QCOMPARE(curve.points[1].x, 3.0);
    QCOMPARE(curve.points[1].mean, 1.0);
    QVERIFY(curve.points[1].begins && curve.points[2].begins);  // gaps
    QVERIFY(curve_of(run_of({1}), "nothing").points.empty());
  }

  void aSpikeOfAMillionStepsIsKept() {
    std::vector<double> totals(1'000'000, 1.0);
    totals[777'777] = 500;
    const Curve curve = curve_of(run_of(totals, 300'001), "total");
    QVERIFY(curve.points.size() <= 482);
    QCOMPARE(std::ranges::max(curve.points, {}, &CurvePoint::most).most, 500.0);
    QCOMPARE(std::ranges::count(curve.points, true, &CurvePoint::begins), std::ptrdiff_t{2});  // two stages
    for (const CurvePoint& point : curve.points)
      if (point.begins && point.x > 2000) QVERIFY(point.x > 300'001);
  }

  void aChartIsXml() {
    SvgChart chart{.title = "<&\"'>", .unit = "</text><script>"};
    chart.lines.push_back({.label = "a<b>&", .curve = curve_of(run_of({1, 2, 4, 100}, 2), "total")});
    chart.joints = {{0, "DPT"}, {2, "<DFT>"}};
    QCOMPARE(fault_of_xml(svg_of(chart)), QString());
    QVERIFY(is_logarithmic(chart));
    QVERIFY(svg_of(chart).find("<script>") == std::string::npos);
    QCOMPARE(std::ranges::count(svg_of(chart), 'M'), std::ptrdiff_t{2});  // a stretch of line a stage
    chart.lines.clear();
    QVERIFY(svg_of(chart).find("No step has a number") != std::string::npos);
    QCOMPARE(fault_of_xml(svg_of(chart)), QString());
    QCOMPARE(fault_of_xml(svg_of("<t>", {{.label = "&", .score = 50, .low = 40, .high = 60, .has_interval = true}})),
             QString());
  }

  void equalNumbersAndOneStepCanBeDrawn() {
    for (const std::vector<double>& totals :
         {std::vector<double>{2}, {0, 0, 0}, {-1, -1}, {1e-30, 1e30}, {-1e38, 3e38}}) {
      SvgChart chart{.title = "t", .unit = "u", .lines = {{.label = "l", .curve = curve_of(run_of(totals), "total")}}};
      const std::string svg = svg_of(chart);
      QCOMPARE(fault_of_xml(svg), QString());
      QVERIFY(svg.find("nan") == std::string::npos && svg.find("inf") == std::string::npos);
    }
  }

  void numpyReadsAMatrix() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "a.npy";
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    write_npy(file, values, 2, 3);
    const std::string bytes = content_of(file);
    QVERIFY(bytes.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
    const size_t header = static_cast<uint8_t>(bytes[8]) + 256U * static_cast<uint8_t>(bytes[9]);
    QCOMPARE((10 + header) % 64, size_t{0});
    QCOMPARE(bytes[10 + header - 1], '\n');
    QVERIFY(bytes.find("'shape': (2, 3)") != std::string::npos);
    QCOMPARE(bytes.size(), 10 + header + 24);
    float last = 0;
    std::memcpy(&last, bytes.data() + bytes.size() - 4, 4);
    QCOMPARE(last, 6.0F);
  }
};

QTEST_APPLESS_MAIN(TestReportParts)
#include "tst_report_parts.moc"
