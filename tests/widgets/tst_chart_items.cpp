// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSet>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "widgets/charts/chart_items.h"
#include "widgets/charts/colour_bar.h"
#include "widgets/charts/smoothing.h"
#include "widgets/charts/step_axis.h"
#include "widgets/shared/probe_history.h"

namespace llavakd {

class ChartItemsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
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

  /// From a million on short, while three digits say all; close up with all digits, or each tick would be "1.00 M".
  void stepsHaveTheDigitsThatTellThemApart() {
    StepTicker ticker;
    QVector<double> ticks;
    QVector<QString> labels;
    ticker.generate({0, 1.02e6}, QLocale::c(), 'g', 4, ticks, nullptr, &labels);
    QVERIFY2(labels.contains(QStringLiteral("200\u202fk")) && labels.contains(QStringLiteral("1.00\u202fM")),
             qPrintable(labels.join(u' ')));
    ticker.generate({1'000'000, 1'000'050}, QLocale::c(), 'g', 4, ticks, nullptr, &labels);
    QVERIFY2(labels.contains(QStringLiteral("1,000,010")), qPrintable(labels.join(u' ')));
    QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
    ticker.generate({0, 900'000}, QLocale::c(), 'g', 4, ticks, nullptr, &labels);
    QVERIFY2(labels.contains(QStringLiteral("200,000")), qPrintable(labels.join(u' ')));
  }

  /// In a low chart no number lies on another: fewer powers are named. One tick beyond each end isn't drawn.
  void namesAsManyPowersAsHaveRoom() {
    for (const int pixels : {40, 60, 120, 300}) {
      ValueTicker ticker;
      ticker.setLogarithmic(true);
      ticker.setRoom(pixels);
      for (const double lowest : {1e-9, 3e-5, 0.02, 0.15}) {
        QVector<double> ticks;
        ticker.generate({lowest, 1}, QLocale::c(), 'g', 4, ticks, nullptr, nullptr);
        QVERIFY2(ticks.size() <= std::max(2, pixels / 18) + 2,
                 qPrintable(QStringLiteral("%1 at %2, from %3").arg(ticks.size()).arg(pixels).arg(lowest)));
      }
    }
  }

  /// Each label of an axis of sizes names the size that it is at, to the last digit.
  void sizesHaveRoundTicks() {
    ValueTicker ticker;
    ticker.setBytes(true);
    for (const double end : {700.0, 5e5, 3e8, 1.6e9, 2.4e10}) {
      QVector<double> ticks;
      ticker.generate({0.2 * end, end}, QLocale::c(), 'g', 4, ticks, nullptr, nullptr);
      QVERIFY(ticks.size() >= 3);
      const double step = ticks[1] - ticks[0];
      QCOMPARE(step, std::exp2(std::round(std::log2(step))));
      for (const double tick : ticks) QCOMPARE(std::fmod(tick, step), 0.0);
    }
  }

  /// The centred mean takes as many points as make the exponential average.
  void takesWindowsOfOneAge() {
    QCOMPARE((Smoothing{Smoothing::Kind::centred, 0.5}).window(), std::size_t(3));
    QCOMPARE((Smoothing{Smoothing::Kind::exponential, 0.75}).window(), std::size_t(7));
    QCOMPARE((Smoothing{Smoothing::Kind::centred, 0.99}).window(), std::size_t(199));
    QCOMPARE((Smoothing{Smoothing::Kind::off, 0.5}).window(), std::size_t(1));
    QVERIFY(!(Smoothing{Smoothing::Kind::centred, 0}).isOn());
  }

  void namesPlacesOfEveryAxis() {
    QCOMPARE(placeText(StepAxis::step, 12), QString());
    QCOMPARE(placeText(StepAxis::samples, 192), QStringLiteral("192 samples"));
    QCOMPARE(placeText(StepAxis::stage, 0.25), QStringLiteral("25\u202f% of the stage"));
    QCOMPARE(placeText(StepAxis::stage, 2), QStringLiteral("100\u202f% of the stage"));  // its end
    for (const auto axis : {StepAxis::step, StepAxis::stage, StepAxis::samples, StepAxis::tokens, StepAxis::hours})
      QVERIFY(!axisTitle(axis).isEmpty());
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

QTEST_APPLESS_MAIN(llavakd::ChartItemsTest)
#include "tst_chart_items.moc"
