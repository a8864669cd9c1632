// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/colour_bar.h"
#include "widgets/charts/step_series.h"
#include "widgets/shared/probe_history.h"

namespace llavakd {

class StepSeriesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void averagesWithoutBias() {
    StepSeries series;
    series.setSmoothing(0.5);
    for (int step : {1, 2, 3}) series.append(step, step);
    // After the correction: 1; (0.25·1 + 0.5·2) / 0.75; (0.125·1 + 0.25·2 + 0.5·3) / 0.875.
    QCOMPARE(series.averages()[0], 1.0);
    QCOMPARE(series.averages()[1], 1.25 / 0.75);
    QCOMPARE(series.averages()[2], 2.125 / 0.875);
  }

  void keepsAConstantConstant() {
    StepSeries series;
    for (int step = 0; step < 50; ++step) series.append(step, 3);
    series.setSmoothing(0.99);
    for (double average : series.averages()) QVERIFY(std::abs(average - 3) < 1e-12);
  }

  void leavesGapsAndBeginsAnewWithAStage() {
    StepSeries series;
    series.setSmoothing(0.9);
    series.append(1, 10);
    series.append(2, NAN);
    QVERIFY(std::isnan(series.averages()[1]));
    series.restartAverage();
    series.append(3, 2);
    QCOMPARE(series.averages()[2], 2.0);
    series.setSmoothing(0.5);
    QCOMPARE(series.averages()[2], 2.0);
  }

  void goesBackWithItsRun() {
    StepSeries series;
    for (int step : {1, 2, 3, 4}) QVERIFY(!series.append(step, step));
    QVERIFY(series.append(3, 30));
    QCOMPARE(series.steps(), (std::vector<double>{1, 2, 3}));
    QCOMPARE(series.values().back(), 30.0);
  }

  /// Each label of the axis names the step that it stands at.
  void ticksAreWholeSteps() {
    StepTicker ticker;
    for (double end : {1.5, 4.0, 9.0, 13.0, 27.0, 160.0, 3000.0}) {
      QVector<double> ticks;
      ticker.generate({0, end}, QLocale::c(), 'g', 4, ticks, nullptr, nullptr);
      QVERIFY(!ticks.isEmpty());
      for (double tick : ticks) QCOMPARE(tick, std::round(tick));
    }
  }

  void findsPoints() {
    StepSeries series;
    QVERIFY(!series.nearest(3) && !series.last() && !series.trend(0.1));
    for (int step : {10, 20, 40}) series.append(step, step / 10);
    QCOMPARE(series.nearest(-5), std::optional<std::size_t>(0));
    QCOMPARE(series.nearest(29), std::optional<std::size_t>(1));
    QCOMPARE(series.nearest(900), std::optional<std::size_t>(2));
    QCOMPARE(series.indicesIn(15, 40), (std::pair<std::size_t, std::size_t>{1, 3}));
    QCOMPARE(series.trend(0.1), std::optional(2.0));  // a tenth is one point here: 4 − 2
  }

  void losesNoSpikeWhenThinned() {
    std::vector<double> values(100000, 1.0);
    values[77777] = 50;
    values[333] = -4;
    values[5000] = NAN;
    const auto kept = thinned(values, 0, values.size(), 100);
    QVERIFY(kept.size() <= 500);
    QVERIFY(std::is_sorted(kept.begin(), kept.end()));
    for (std::size_t wanted : {0, 333, 5000, 77777, 99999})
      QVERIFY(std::binary_search(kept.begin(), kept.end(), wanted));
    QCOMPARE(thinned(values, 10, 15, 100), (std::vector<std::size_t>{10, 11, 12, 13, 14}));
    QVERIFY(thinned(values, 7, 7, 100).empty());
    values[0] = NAN;  // a gap at the start hides nothing behind it
    const auto again = thinned(values, 0, 1000, 10);
    QVERIFY(std::binary_search(again.begin(), again.end(), std::size_t(333)));
  }

  void choosesRoundTicks() {
    QCOMPARE(roundTicks(-1, 1, 4), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
    QVERIFY(roundTicks(1, 1, 4).empty());
    QVERIFY(roundTicks(0, NAN, 4).empty());
  }

  void readsLooksFromEventsAndNothingElse() {
    ProbeHistory history;
    const auto probe = [](int64_t step, const char* folder) {
      return Event{0, "DPT", step, step, ProbeEvent{.folder = folder, .probes = {{0, {{"rdist", 0.5}}}}}};
    };
    QVERIFY(history.append({probe(0, "probes/DPT-0"), probe(10, "probes/DPT-10"), probe(20, "probes/DPT-20")}));
    QCOMPARE(history.course(0), (std::vector<double>{0.5, 0.5, 0.5}));
    QVERIFY(std::isnan(history.course(1)[0]));
    QCOMPARE(history.nearest(14), 1);
    QVERIFY(history.append({probe(10, "probes/DPT-10")}));  // resumed from before step 20
    QCOMPARE(history.steps().size(), std::size_t(2));
    // Nothing outside the run's folder is looked at, whatever an event says.
    QVERIFY(history.append({probe(30, "../../etc")}));
    QCOMPARE(history.steps().back().folder, QStringLiteral("etc"));
    QVERIFY(!history.append({probe(40, "probes/..")}));
    QVERIFY(!history.append({Event{0, "DPT", 1, 1, ProbeEvent{}}}));
    history.append({Event{0, "DPT", 10, 10, CheckpointEvent{.path = "checkpoints/DPT-10"}}});
    QCOMPARE(history.checkpoints(), (std::vector<QString>{QStringLiteral("checkpoints/DPT-10")}));
    QVERIFY(history.steps()[1].checkpoint);
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::StepSeriesTest)
#include "tst_step_series.moc"
