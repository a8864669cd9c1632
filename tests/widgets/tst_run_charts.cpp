// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLocale>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/parts.h"

namespace llavakd {

// The plot has a locale of its own, which has no say.
template <class Ticker>
struct TickerOfTest : Ticker {
  QString label(double tick) { return this->getTickLabel(tick, QLocale::c(), u'e', 4); }
};

class RunChartsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void keepsTheZoomWhileDataArrives() {
    RunCharts charts;
    charts.resize(1000, 700);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    auto events = made_events({});
    const std::vector<Event> early(events.begin(), events.begin() + 100), late(events.begin() + 100, events.end());
    charts.append(early);
    StepChart* chart = charts.chart();
    QVERIFY(chart->isFitted());
    QWidget* plot = chart->findChild<QWidget*>();
    const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(plot, &wheel);
    QVERIFY(!chart->isFitted());
    const auto steps = chart->shownSteps(), values = chart->shownValues();
    charts.append(late);
    QCOMPARE(chart->shownSteps(), steps);
    QCOMPARE(chart->shownValues(), values);
    QTest::mouseDClick(plot, Qt::LeftButton, {}, middle.toPoint());
    QVERIFY(chart->isFitted());
    QVERIFY(chart->shownSteps().second >= 200);
  }

  void fitsASpikeOfOneStep() {
    RunCharts charts;
    charts.append(made_events({}));
    QVERIFY(charts.chart()->shownValues().second >= 6.5);
    charts.chart()->setLogValues(false);
    QVERIFY(charts.chart()->shownValues().second >= 6.5);
  }

  void readsValuesByKeys() {
    RunCharts charts;
    charts.resize(1000, 700);
    charts.show();
    charts.append(made_events({}));
    StepChart* chart = charts.chart();
    chart->setFocus();
    QTest::keyClick(chart, Qt::Key_Left);
    QCOMPARE(chart->cursorStep(), std::optional(200.0));
    QTest::keyClick(chart, Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(chart->cursorStep(), std::optional(190.0));
    QTest::keyClick(chart, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("step\tTotal\tCross entropy")));
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("\n190\t")));
    // The charts below show the same step.
    charts.tabs()->setCurrentIndex(1);
    QCOMPARE(qobject_cast<StepChart*>(charts.tabs()->currentWidget())->cursorStep(), std::optional(190.0));
  }

  /// What a tile shows belongs to the present stage: no change across a joint, no value of a term that it lacks.
  void tilesKeepToTheirStage() {
    RunCharts charts;
    const auto step = [](const char* stage, int at, double total, NamedNumbers terms) {
      return Event{double(at), stage, at, at, StepEvent{.terms = std::move(terms), .total = total}};
    };
    std::vector<Event> events{{0, "DPT", 0, 0, StageStartedEvent{}}};
    for (int i = 1; i <= 20; ++i) events.push_back(step("DPT", i, 0.4, {{"ce", 0.2}, {"rdist", 0.2}}));
    charts.append(events);
    TermTile *total = charts.tiles()[0], *rdist = charts.tiles()[4];
    QCOMPARE(rdist->valueText(), QStringLiteral("0.2000"));
    events = {{0, "DPT", 20, 20, StageFinishedEvent{}}, {0, "SFT", 0, 20, StageStartedEvent{}}};
    charts.append(events);
    QCOMPARE(total->valueText(), QStringLiteral("–"));  // SFT has no value yet
    events.clear();
    for (int i = 21; i <= 30; ++i) events.push_back(step("SFT", i, 2.6 - 0.1 * i, {{"ce", 1.0}}));
    charts.append(events);
    QVERIFY2(total->trendText().startsWith(QStringLiteral("↓")), qPrintable(total->trendText()));
    QCOMPARE(rdist->valueText(), QStringLiteral("–"));
    QCOMPARE(rdist->trendText(), QStringLiteral("not in SFT"));
    // A run that goes on from a checkpoint of the stage before is in that stage again.
    charts.append({step("DPT", 16, 0.3, {{"ce", 0.1}, {"rdist", 0.1}})});
    QCOMPARE(rdist->valueText(), QStringLiteral("0.1000"));
  }

  void showsTheScoreInWords() {
    RunCharts charts;
    charts.resize(1200, 700);
    charts.show();
    QVERIFY(!charts.score()->isVisible());
    const auto evaluated = [](int64_t step, nlohmann::ordered_json result) {
      return Event{0, "DFT", step - 150, step, EvaluationEvent{.result = task_result_from_json(result)}};
    };
    charts.append({evaluated(160, {{"task", "exact_match"},
                                   {"file", "questions.json"},
                                   {"score", 58.333333333333336},
                                   {"types", {{"colour", 100.0}, {"relation", 16.666666666666668}}},
                                   {"questions", 300},
                                   {"skipped", {"a", "b"}}})});
    QVERIFY(charts.score()->isVisible());
    QCOMPARE(charts.score()->valueText(), QStringLiteral("58.3\u202f%"));
    QCOMPARE(charts.score()->meaningText(), QStringLiteral("mean over 2 types"));
    QCOMPARE(charts.score()->breakdownText(), QStringLiteral("colour 100 · relation 16.67"));
    for (const char* part : {"questions.json", "after DFT, step 160", "300 questions", "2 left out"})
      QVERIFY2(charts.score()->toolTip().contains(QString::fromLatin1(part)), part);
    takePicture(&charts, QStringLiteral("train-score"));
    // No question, no score.
    charts.append(
        {evaluated(170, {{"task", "exact_match"}, {"file", "questions.json"}, {"score", 0}, {"questions", 0}})});
    QCOMPARE(charts.score()->valueText(), QStringLiteral("–"));
    charts.append({evaluated(175, {{"task", "exact_match"},
                                   {"file", "questions.json"},
                                   {"score", nullptr},
                                   {"no_score", "0 of 3 questions could be asked"},
                                   {"questions", 0}})});
    QCOMPARE(charts.score()->meaningText(), QStringLiteral("0 of 3 questions could be asked"));
    charts.append({evaluated(180, {{"task", 7}, {"types", "x"}, {"score", "much"}, {"skipped", 3}})});
    charts.clear();
    QVERIFY(!charts.score()->isVisible());
  }

  /// One rule of numbers for tiles, axes, cards and captions.
  void writesAllNumbersAsTheLocaleDoes() {
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    RunCharts charts;
    charts.append({{0, "DPT", 0, 0, StageStartedEvent{}},
                   {1, "DPT", 8865, 8865, StepEvent{.terms = {{"ce", 1.5}}, .total = 4.211}}});
    const QString tile = charts.tiles()[0]->valueText();
    const QString step = TickerOfTest<StepTicker>().label(8865), value = TickerOfTest<ValueTicker>().label(0.5);
    QString smoothing;
    for (const auto* label : charts.findChildren<QLabel*>())
      if (label->text().startsWith(QStringLiteral("Smoothing"))) smoothing = label->text();
    QLocale::setDefault(QLocale::c());
    QCOMPARE(tile, QStringLiteral("4,211"));
    QCOMPARE(step, QStringLiteral("8.865"));
    QCOMPARE(value, QStringLiteral("0,5"));
    QCOMPARE(smoothing, QStringLiteral("Smoothing 0,60"));
  }

  /// The choice follows the term, not its place among the others.
  void remembersHiddenLinesByName() {
    QSettings().clear();
    RunCharts charts;
    charts.show();
    QTest::mouseClick(charts.findChildren<LegendEntry*>()[1], Qt::LeftButton);
    QVERIFY(QSettings().value(QStringLiteral("train/hidden/ce")).toBool());
    RunCharts again;
    QVERIFY(!again.chart()->isLineVisible(1));
    QVERIFY(again.chart()->isLineVisible(2));
    QSettings().clear();
  }

  /// A change never runs into the value next to it.
  void aNarrowTileShowsTheArrowAlone() {
    TermTile tile(QStringLiteral("rdist"), QStringLiteral("RDist"));
    StepSeries series;
    for (int step = 1; step <= 40; ++step) series.append(step, 1.0 / step);
    tile.setSeries(series, QStringLiteral("DPT"));
    QVERIFY(tile.trendText().size() > 3);
    QCOMPARE(tile.shownTrend(1000), tile.trendText());
    QCOMPARE(tile.shownTrend(20), QStringLiteral("↓"));
    QCOMPARE(tile.shownTrend(0), QString());
  }

  void hidesALineByItsLegend() {
    RunCharts charts;
    charts.append(made_events({}));
    auto* entry = charts.findChild<LegendEntry*>();
    charts.show();
    QTest::mouseClick(entry, Qt::LeftButton);
    QVERIFY(!charts.chart()->isLineVisible(0));
    entry->setFocus();
    QTest::keyClick(entry, Qt::Key_Space);
    QVERIFY(charts.chart()->isLineVisible(0));
  }

  void goesBackWithAResumedRun() {
    RunCharts charts;
    auto events = made_events({});
    charts.append(events);
    Event again = events[50];  // a step far before the end
    QVERIFY(again.is<StepEvent>());
    charts.append({again});
    const auto& steps = charts.chart()->series(0).steps();
    QVERIFY(std::is_sorted(steps.begin(), steps.end()));
    QCOMPARE(steps.back(), double(again.step));
  }

  void showsTheProfileLive() {
    RunCharts charts;
    charts.resize(1000, 700);
    charts.show();
    charts.tabs()->setCurrentIndex(2);
    PhaseBar* bar = charts.phaseBar();
    QVERIFY(bar->entries().isEmpty());
    QVERIFY(bar->text().contains(QStringLiteral("first step")));
    const int height = bar->height();
    Event step{1, "DPT", 1, 1, StepEvent{.total = 1.0, .seconds = 2.0}};
    charts.append({step});
    QVERIFY(bar->text().contains(QStringLiteral("don't tell")));
    std::get<StepEvent>(step.body).phases = {{"vision", 0.5}, {"teacher", 1.49}, {"waiting", 0.01}};
    charts.append({step});
    QCOMPARE(bar->entries().size(), 3);
    QCOMPARE(bar->entries()[2], QStringLiteral("Waiting for data < 1\u202f%"));
    QCOMPARE(bar->height(), height);  // nothing jumps
    step.stage = "SFT";
    std::get<StepEvent>(step.body).phases = {{"student", 2.0}};
    charts.append({step});
    QCOMPARE(bar->entries(), QStringList{QStringLiteral("Student 100\u202f%")});
    QVERIFY(bar->accessibleDescription().contains(QStringLiteral("Student 100")));
    charts.clear();
    QVERIFY(bar->entries().isEmpty());
  }

  void takesEventsThatTellNothing() {
    RunCharts charts;
    charts.append(
        {{1, "DPT", 1, 1, StepEvent{}}, {2, "DPT", 1, 1, WarningEvent{}}, {2, "DPT", 1, 1, ProbeEvent{}}, Event{}});
    QVERIFY(std::isnan(charts.chart()->series(0).values().back()));
  }

  void opensTheStepOfAMark() {
    RunCharts charts;
    charts.resize(1000, 700);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.append(made_events({}));
    QTest::qWait(50);
    QSignalSpy chosen(&charts, &RunCharts::stepChosen);
    StepChart* chart = charts.chart();
    QWidget* plot = chart->findChild<QWidget*>();
    const QPointF foot = chart->positionOf(80, chart->shownValues().first) - plot->pos();
    QTest::mouseClick(plot, Qt::LeftButton, {}, (foot - QPointF(0, 6)).toPoint());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 80);
  }

 private:
  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunChartsTest)
#include "tst_run_charts.moc"
