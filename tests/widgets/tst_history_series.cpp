// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "widgets/charts/history_series.h"

namespace llavakd {
namespace {

Event stepOf(const char* stage, int64_t step, double total, double ce) {
  return {double(step), stage, step, step,
          StepEvent{.terms = {{"ce", ce}}, .weighted = {{"ce", 2 * ce}}, .total = total, .samples = 2}};
}

std::shared_ptr<const StepHistory> historyOf(const std::vector<double>& totals) {
  auto history = std::make_shared<StepHistory>();
  for (std::size_t i = 0; i < totals.size(); ++i) history->add(stepOf("DPT", int64_t(i) + 1, totals[i], totals[i] / 4));
  return history;
}

// A long noisy course with a gap, a spike up and one down.
std::shared_ptr<const StepHistory> longHistory() {
  static std::shared_ptr<const StepHistory> made;
  if (made) return made;
  std::mt19937 random(1);
  std::vector<double> totals(100000);
  for (double& total : totals) total = 1 + double(random() % 1000) / 1000;
  totals[77777] = 50;
  totals[333] = -4;
  for (std::size_t i = 40000; i < 45000; ++i) totals[i] = NAN;
  return made = historyOf(totals);
}

// The averages of one stage as their definition has them, from the first point on.
std::vector<double> slowAverages(const HistorySeries& series, double factor) {
  std::vector<double> averages;
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!std::isnan(series.value(i))) {
      sum = factor * sum + (1 - factor) * series.value(i);
      weight = factor * weight + (1 - factor);
    }
    averages.push_back(sum / weight);
  }
  return averages;
}

}  // namespace

class HistorySeriesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void isEmptyWithoutAHistory() {
    const HistorySeries none;
    QVERIFY(none.isEmpty() && !none.nearest(3) && !none.last() && !none.trend(0.1) && !none.hasBegun());
    QVERIFY(none.line(0, 9, 100).empty() && none.band(0, 9, 100, 3).empty() && !none.extremes(0, 9));
    const HistorySeries unknown(historyOf({1, 2}), {.key = "terms.rdist"});
    QCOMPARE(unknown.size(), std::size_t(2));
    QVERIFY(std::isnan(unknown.value(0)) && unknown.line(0, 9, 100).empty() && !unknown.last() && unknown.hasBegun());
    QVERIFY(std::isnan(unknown.exponentialAt(1, 0.5)) && std::isnan(unknown.centredAt(1, 3)));
  }

  void averagesWithoutBias() {
    const HistorySeries series(historyOf({1, 2, 3}), {});
    // After the correction: 1; (0.25·1 + 0.5·2) / 0.75; (0.125·1 + 0.25·2 + 0.5·3) / 0.875.
    QCOMPARE(series.exponentialAt(0, 0.5), 1.0);
    QCOMPARE(series.exponentialAt(1, 0.5), 1.25 / 0.75);
    QCOMPARE(series.exponentialAt(2, 0.5), 2.125 / 0.875);
    QCOMPARE(series.centredAt(0, 3), 1.5);
    QCOMPARE(series.centredAt(1, 3), 2.0);
    const auto line = series.exponential(0, 9, 100, 0.5);
    QCOMPARE(line.size(), std::size_t(3));
    QCOMPARE(line[2].y, 2.125 / 0.875);
    const HistorySeries constant(historyOf(std::vector<double>(50, 3)), {});
    for (std::size_t i = 0; i < 50; ++i) QVERIFY(std::abs(constant.exponentialAt(i, 0.99) - 3) < 1e-12);
  }

  void leavesGapsAndStartsAgainWithAStage() {
    auto history = std::make_shared<StepHistory>();
    history->add(stepOf("DPT", 1, 10, 1));
    history->add(stepOf("DPT", 2, NAN, 1));
    history->add(stepOf("SFT", 3, 2, 1));
    history->add(stepOf("SFT", 4, 4, 1));
    const HistorySeries series(history, {});
    QVERIFY(std::isnan(series.exponentialAt(1, 0.9)));
    QCOMPARE(series.exponentialAt(2, 0.9), 2.0);
    QCOMPARE(series.centredAt(2, 5), 3.0);
    QCOMPARE(series.stageBegins(), (std::vector<std::size_t>{0, 2}));
    for (const auto& line :
         {series.line(0, 9, 100), series.exponential(0, 9, 100, 0.5), series.centred(0, 9, 100, 3)}) {
      QCOMPARE(line.size(), std::size_t(4));
      QCOMPARE(line[0].y, 10.0);
      QVERIFY(std::isnan(line[1].y));
      QCOMPARE(line[2].x, 3.0);
    }
    QCOMPARE(series.last(), std::optional(4.0));
    QCOMPARE(series.trend(0.1), std::optional(2.0));  // within the stage
  }

  void findsPoints() {
    auto history = std::make_shared<StepHistory>();
    for (int step : {10, 20, 40}) history->add(stepOf("DPT", step, step / 10, 1));
    const HistorySeries series(history, {});
    QCOMPARE(series.nearest(-5), std::optional<std::size_t>(0));
    QCOMPARE(series.nearest(29), std::optional<std::size_t>(1));
    QCOMPARE(series.nearest(900), std::optional<std::size_t>(2));
    QCOMPARE(series.indicesIn(15, 40), (std::pair<std::size_t, std::size_t>{1, 3}));
    QCOMPARE(series.trend(0.1), std::optional(2.0));  // a tenth is one point here: 4 − 2
    const HistorySeries samples(history, {.axis = StepAxis::samples});
    QCOMPARE(samples.x(2), 6.0);
    QCOMPARE(samples.step(*samples.nearest(3.9)), 20.0);
  }

  void showsWeightsAndShares() {
    const auto history = historyOf({4, 8, 0});
    const HistorySeries raw(history, {.key = "terms.ce"});
    const HistorySeries weighted(history, {.key = "terms.ce", .view = StepView::weighted});
    const HistorySeries share(history, {.key = "terms.ce", .view = StepView::share});
    const HistorySeries whole(history, {.key = "total", .view = StepView::share});
    QCOMPARE(raw.value(1), 2.0);
    QCOMPARE(weighted.value(1), 4.0);
    QCOMPARE(share.value(1), 0.5);
    QVERIFY(std::isnan(share.value(2)));  // of nothing
    QCOMPARE(whole.value(0), 1.0);
    QCOMPARE(share.extremes(0, 3), std::optional(std::pair(0.5, 0.5)));
    // Of many points the share of their sums.
    const HistorySeries many(historyOf(std::vector<double>(50000, 4)), {.key = "terms.ce", .view = StepView::share});
    for (const LinePoint& point : many.line(0, 50000, 300)) QCOMPARE(point.y, 0.5);
  }

  void losesNoSpikeInAFewColumns() {
    const HistorySeries series(longHistory(), {});
    const auto line = series.line(0, 100000, 100);
    QVERIFY(series.isDense(0, 100000, 100) && !series.isDense(500, 600, 100));
    QVERIFY(line.size() <= 400);
    QVERIFY(std::ranges::is_sorted(line, {}, &LinePoint::x));
    QVERIFY(std::ranges::any_of(line, [](const LinePoint& point) { return point.y == 50; }));
    QVERIFY(std::ranges::any_of(line, [](const LinePoint& point) { return point.y == -4; }));
    QCOMPARE(std::ranges::count_if(line, [](const LinePoint& point) { return std::isnan(point.y); }), 1);
    QCOMPARE(series.extremes(0, 100000), std::optional(std::pair(-4.0, 50.0)));
    QVERIFY(series.extremes(0, 1000, true)->first >= 1);
    QVERIFY(!series.extremes(40000, 45000));
    // Few points are all there, and the next one beyond each edge.
    const auto few = series.line(501, 600, 100);
    QCOMPARE(few.size(), std::size_t(102));
    QCOMPARE(few.front().x, 500.0);
    QCOMPARE(few[1].y, series.value(500));
  }

  /// While it is panned, the points in sight stay the same ones.
  void keepsItsPointsWhilePanning() {
    const HistorySeries series(longHistory(), {});
    const auto here = series.line(50000, 90000, 500), there = series.line(50100, 90100, 500);
    int common = 0;
    for (const LinePoint& point : here)
      common +=
          std::ranges::any_of(there, [&](const LinePoint& other) { return other.x == point.x && other.y == point.y; });
    QVERIFY(common > int(here.size()) - 20);
  }

  /// What is drawn is the average to a thousandth, what is read is it to a billionth. A point that stands for many
  /// steps is the mean of their averages.
  void smoothsWithoutReadingAll() {
    const HistorySeries series(longHistory(), {});
    for (const double factor : {0.0, 0.6, 0.9, 0.99}) {
      const std::vector<double> averages = slowAverages(series, factor);
      for (const std::size_t index : {0, 5, 3000, 50123})
        QVERIFY(std::abs(series.exponentialAt(index, factor) - averages[index]) < 1e-6);
      for (const auto& [low, high] : {std::pair(60000.0, 60300.0), std::pair(50000.0, 76000.0)}) {
        const auto line = series.exponential(low, high, 200, factor);
        QVERIFY(line.size() >= 200 && line.size() <= 420);
        const auto rows = std::size_t(line[1].x - line[0].x);  // of a point
        for (const LinePoint& point : line) {
          const std::size_t first = std::size_t(point.x) - 1 - rows / 2;
          double sum = 0;
          for (std::size_t row = first; row < first + rows; ++row) sum += averages[row];
          QVERIFY(std::abs(point.y - sum / double(rows)) < 4e-3);
        }
      }
    }
    for (const LinePoint& point : series.centred(50000, 76000, 200, 10001))
      QVERIFY(std::abs(point.y - 1.5) < 0.05 || point.x > 70000);  // the spike is within reach there
  }

  /// Averages that are picked out of a noisy line here and there are a saw-tooth; the noise is half a unit wide.
  void smoothedLinesAreClean() {
    const HistorySeries series(longHistory(), {});
    for (const auto& line : {series.exponential(50000, 76000, 200, 0.6), series.centred(50000, 76000, 200, 3)}) {
      QVERIFY(line.size() >= 200);
      for (const LinePoint& point : line)
        QVERIFY2(std::abs(point.y - 1.5) < 0.15, qPrintable(QString::number(point.y)));
    }
    // At the begin of a stage, too, where an average is made from few values.
    for (const LinePoint& point : series.exponential(0, 100000, 100, 0.99))
      QVERIFY(std::isnan(point.y) || (point.y > 1.3 && point.y < 1.8));
    // Shares are read in stretches.
    const HistorySeries share(longHistory(), {.key = "terms.ce", .view = StepView::share});
    for (const LinePoint& point : share.exponential(50000, 76000, 200, 0.99)) QVERIFY(std::abs(point.y - 0.5) < 1e-3);
  }

  /// A table's column in one walk is what is read point by point, over gaps and joints of stages.
  void smoothsAllPointsAsSingleOnes() {
    auto history = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 300; ++i)
      history->add(stepOf(i <= 137 ? "DPT" : "SFT", i, i % 41 == 0 ? NAN : 1 + std::sin(double(i)), 1));
    const HistorySeries series(history, {});
    for (const auto kind : {Smoothing::Kind::off, Smoothing::Kind::exponential, Smoothing::Kind::centred}) {
      const Smoothing smoothing{kind, 0.95};
      for (const std::size_t first : {std::size_t(0), std::size_t(90), std::size_t(137)}) {
        const auto points = series.smoothedIn(first, 290, smoothing);
        QCOMPARE(points.size(), 290 - first);
        for (std::size_t i = 0; i < points.size(); ++i) {
          const double wanted = series.smoothedAt(first + i, smoothing);
          QVERIFY(std::isnan(wanted) ? std::isnan(points[i]) : std::abs(points[i] - wanted) < 1e-6);
        }
      }
    }
  }

  void bandsHoldTheirLine() {
    const HistorySeries series(historyOf({5, 1, 9, 4, 4, 4}), {});
    const auto band = series.band(0, 9, 100, 3);
    QCOMPARE(band.size(), std::size_t(6));
    QCOMPARE(band[0].least, 1.0);
    QCOMPARE(band[0].most, 5.0);
    QCOMPARE(band[2].most, 9.0);
    QCOMPARE(band[5].least, 4.0);
    const HistorySeries many(longHistory(), {});
    QVERIFY(many.band(0, 100000, 100, 101).size() <= 202);
  }

  void tellsOfThePresentStageAlone() {
    auto history = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 20; ++i) history->add(stepOf("DPT", i, 0.4, 0.2));
    history->add({0, "DPT", 20, 20, StageFinishedEvent{}});
    history->add({0, "SFT", 0, 20, StageStartedEvent{}});
    const HistorySeries begun(history, {});
    QVERIFY(!begun.hasBegun() && !begun.last() && !begun.trend(0.1));
    history->add(stepOf("SFT", 21, 2, NAN));
    QVERIFY(HistorySeries(history, {}).hasBegun());
    QVERIFY(!HistorySeries(history, {.key = "terms.ce"}).last());
    for (int64_t i = 22; i <= 5000; ++i) history->add(stepOf("SFT", i, i == 900 ? 7 : NAN, 1));
    QCOMPARE(HistorySeries(history, {}).last(), std::optional(7.0));
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::HistorySeriesTest)
#include "tst_history_series.moc"
