// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/run/alerts.h"

namespace llavakd {

class AlertsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void findsASpikeOnce() {
    AlertFinder finder;
    finder.begin_stage("DPT", 300);
    for (int step = 1; step <= 200; ++step) {
      const bool high = step == 120 || step == 121 || step == 125;
      finder.add(step, high ? 9.0 : 4.0 - 0.01 * step + noise(step, 0.1), 1e-3);
    }
    QCOMPARE(finder.alerts().size(), std::size_t(1));
    const Alert& alert = finder.alerts()[0];
    QVERIFY(alert.kind == Alert::Kind::spike);
    QCOMPARE(alert.step, int64_t(120));
    QCOMPARE(alert.value, 9.0);
    QVERIFY(alert.usual > 2.7 && alert.usual < 3.5);
    QCOMPARE(QString::fromStdString(alert.stage), QStringLiteral("DPT"));
  }

  /// Noise is none, nor is the first step of a stage whose loss is another sum.
  void keepsSilentInAnOrdinaryRun() {
    AlertFinder finder;
    int step = 1;
    for (const char* stage : {"DPT", "SFT"}) {
      finder.begin_stage(stage, 400);
      for (int i = 0; i < 400; ++i, ++step)
        finder.add(step, 5 * std::exp(-i / 150.0) + (stage[0] == 'S' ? 8 : 1) + noise(step, 0.2), 1e-3);
    }
    QVERIFY(finder.alerts().empty());
  }

  void findsWhereTheLossStopsFalling() {
    AlertFinder finder;
    finder.begin_stage("SFT", 1000);
    for (int step = 1; step <= 1000; ++step)
      finder.add(step, (step < 500 ? 3.0 - 0.004 * step : 1.0) + noise(step, 0.02), 1e-3);
    QCOMPARE(finder.alerts().size(), std::size_t(1));
    const Alert& alert = finder.alerts()[0];
    QVERIFY(alert.kind == Alert::Kind::plateau);
    QVERIFY2(alert.step > 590 && alert.step < 720, qPrintable(QString::number(alert.step)));
    QCOMPARE(alert.steps, int64_t(100));
    QVERIFY(std::abs(alert.value - 1) < 0.02);
  }

  /// A schedule that ends is flat by design.
  void takesTheEndOfAScheduleForWhatItIs() {
    AlertFinder finder;
    finder.begin_stage("DFT", 1000);
    for (int step = 1; step <= 1000; ++step)
      finder.add(step, (step < 800 ? 3.0 - 0.002 * step : 1.4) + noise(step, 0.02), step < 800 ? 1e-3 : 1e-5);
    QVERIFY(finder.alerts().empty());
  }

  void namesTheFirstStepThatIsNoNumber() {
    AlertFinder finder;
    finder.begin_stage("DPT", 10);
    finder.add(1, 2.0, NAN);
    finder.add(2, NAN, NAN);
    finder.add(3, INFINITY, NAN);
    QCOMPARE(finder.alerts().size(), std::size_t(1));
    QVERIFY(finder.alerts()[0].kind == Alert::Kind::not_a_number);
    QCOMPARE(finder.alerts()[0].step, int64_t(2));
  }

  /// From columns, as they grow; a run that goes on from a checkpoint leaves behind what came after it.
  void readsAHistoryThatGrowsAndGoesBack() {
    StepHistory steps;
    const auto run_to = [&](int first, int last, int spike, double time) {
      for (int step = first; step <= last; ++step)
        steps.add({time + step, "DPT", step, step,
                   StepEvent{.total = step == spike ? 50.0 : 3.0 + noise(step, 0.1), .learning_rate = 1e-3}});
    };
    AlertFinder finder;
    run_to(1, 70, 0, 0);
    finder.read(steps);
    QVERIFY(finder.alerts().empty());
    run_to(71, 90, 80, 0);
    finder.read(steps);
    finder.read(steps);
    QCOMPARE(finder.alerts().size(), std::size_t(1));
    QCOMPARE(finder.alerts()[0].step, int64_t(80));
    QCOMPARE(QString::fromStdString(finder.alerts()[0].stage), QStringLiteral("DPT"));
    run_to(60, 90, 0, 1000);  // as many steps as before, trained again
    finder.read(steps);
    QVERIFY(finder.alerts().empty());
    finder.read(StepHistory());
    QVERIFY(finder.alerts().empty());
  }

 private:
  // A repeatable number in [-size, size].
  static double noise(int index, double size) {
    const double value = std::sin(index * 12.9898) * 43758.5453;
    return size * (2 * (value - std::floor(value)) - 1);
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::AlertsTest)
#include "tst_alerts.moc"
