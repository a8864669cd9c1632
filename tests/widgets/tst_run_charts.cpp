// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QMouseEvent>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include "fed_charts.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/axis_range_popup.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/alert_list.h"
#include "widgets/pages/train/phase_bar.h"
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

  void init() { QSettings().clear(); }

  void keepsTheZoomWhileDataArrives() {
    FedCharts charts;
    charts.resize(1000, 700);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    auto events = made_events({});
    const std::vector<Event> early(events.begin(), events.begin() + 100), late(events.begin() + 100, events.end());
    charts.feed(early);
    StepChart* chart = charts.chart();
    QVERIFY(chart->isFitted());
    QWidget* plot = chart->findChild<QWidget*>();
    const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(plot, &wheel);
    QVERIFY(!chart->isFitted());
    const auto steps = chart->shownSteps(), values = chart->shownValues();
    charts.feed(late);
    QCOMPARE(chart->shownSteps(), steps);
    QCOMPARE(chart->shownValues(), values);
    QTest::mouseDClick(plot, Qt::LeftButton, {}, middle.toPoint());
    QVERIFY(chart->isFitted());
    QVERIFY(chart->shownSteps().second >= 200);
  }

  void fitsASpikeOfOneStep() {
    FedCharts charts;
    charts.feed(made_events({}));
    QVERIFY(charts.chart()->shownValues().second >= 6.5);
    charts.chart()->setLogValues(false);
    QVERIFY(charts.chart()->shownValues().second >= 6.5);
  }

  void readsValuesByKeys() {
    FedCharts charts;
    charts.resize(1000, 700);
    charts.show();
    charts.feed(made_events({}));
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
    QCOMPARE(charts.panelChart(QStringLiteral("learning_rate"))->cursorStep(), std::optional(190.0));
  }

  /// What a tile shows belongs to the present stage: no change across a joint, no value of a term that it lacks.
  void tilesKeepToTheirStage() {
    FedCharts charts;
    const auto step = [](const char* stage, int at, double total, NamedNumbers terms) {
      return Event{double(at), stage, at, at, StepEvent{.terms = std::move(terms), .total = total}};
    };
    std::vector<Event> events{{0, "DPT", 0, 0, StageStartedEvent{}}};
    for (int i = 1; i <= 20; ++i) events.push_back(step("DPT", i, 0.4, {{"ce", 0.2}, {"rdist", 0.2}}));
    charts.feed(events);
    TermTile *total = charts.tiles()[0], *rdist = charts.tiles()[4];
    QCOMPARE(rdist->valueText(), QStringLiteral("0.2000"));
    events = {{0, "DPT", 20, 20, StageFinishedEvent{}}, {0, "SFT", 0, 20, StageStartedEvent{}}};
    charts.feed(events);
    QCOMPARE(total->valueText(), QStringLiteral("–"));  // SFT has no value yet
    events.clear();
    for (int i = 21; i <= 30; ++i) events.push_back(step("SFT", i, 2.6 - 0.1 * i, {{"ce", 1.0}}));
    charts.feed(events);
    QVERIFY2(total->trendText().startsWith(QStringLiteral("↓")), qPrintable(total->trendText()));
    QCOMPARE(rdist->valueText(), QStringLiteral("–"));
    QCOMPARE(rdist->trendText(), QStringLiteral("not in SFT"));
    // A run that goes on from a checkpoint of the stage before is in that stage again.
    charts.feed({step("DPT", 16, 0.3, {{"ce", 0.1}, {"rdist", 0.1}})});
    QCOMPARE(rdist->valueText(), QStringLiteral("0.1000"));
  }

  void showsTheScoreInWords() {
    FedCharts charts;
    charts.resize(1200, 700);
    charts.show();
    QVERIFY(!charts.score()->isVisible());
    const auto evaluated = [](int64_t step, nlohmann::ordered_json result) {
      return Event{0, "DFT", step - 150, step, EvaluationEvent{.result = task_result_from_json(result)}};
    };
    charts.feed({evaluated(160, {{"task", "exact_match"},
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
    charts.feed(
        {evaluated(170, {{"task", "exact_match"}, {"file", "questions.json"}, {"score", 0}, {"questions", 0}})});
    QCOMPARE(charts.score()->valueText(), QStringLiteral("–"));
    charts.feed({evaluated(175, {{"task", "exact_match"},
                                 {"file", "questions.json"},
                                 {"score", nullptr},
                                 {"no_score", "0 of 3 questions could be asked"},
                                 {"questions", 0}})});
    QCOMPARE(charts.score()->meaningText(), QStringLiteral("0 of 3 questions could be asked"));
    charts.feed({evaluated(180, {{"task", 7}, {"types", "x"}, {"score", "much"}, {"skipped", 3}})});
    charts.forget();
    QVERIFY(!charts.score()->isVisible());
  }

  /// One rule of numbers for tiles, axes, cards and captions.
  void writesAllNumbersAsTheLocaleDoes() {
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    FedCharts charts;
    charts.feed({{0, "DPT", 0, 0, StageStartedEvent{}},
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
    FedCharts charts;
    charts.show();
    QTest::mouseClick(charts.findChildren<LegendEntry*>()[1], Qt::LeftButton);
    QVERIFY(QSettings().value(QStringLiteral("train/hidden/ce")).toBool());
    FedCharts again;
    QVERIFY(!again.chart()->isLineVisible(1));
    QVERIFY(again.chart()->isLineVisible(2));
  }

  /// A change never runs into the value next to it.
  void aNarrowTileShowsTheArrowAlone() {
    TermTile tile(QStringLiteral("rdist"), QStringLiteral("RDist"));
    auto history = std::make_shared<StepHistory>();
    for (int step = 1; step <= 40; ++step) history->add_row(step, 0, {{"terms.rdist", 1.0 / step}});
    tile.setSeries(HistorySeries(history, {.key = "terms.rdist"}), QStringLiteral("DPT"));
    QVERIFY(tile.trendText().size() > 3);
    QCOMPARE(tile.shownTrend(1000), tile.trendText());
    QCOMPARE(tile.shownTrend(20), QStringLiteral("↓"));
    QCOMPARE(tile.shownTrend(0), QString());
  }

  void hidesALineByItsLegend() {
    FedCharts charts;
    charts.feed(made_events({}));
    auto* entry = charts.findChild<LegendEntry*>();
    charts.show();
    QTest::mouseClick(entry, Qt::LeftButton);
    QVERIFY(!charts.chart()->isLineVisible(0));
    entry->setFocus();
    QTest::keyClick(entry, Qt::Key_Space);
    QVERIFY(charts.chart()->isLineVisible(0));
  }

  void goesBackWithAResumedRun() {
    FedCharts charts;
    auto events = made_events({});
    charts.feed(events);
    Event again = events[50];  // a step far before the end
    QVERIFY(again.is<StepEvent>());
    charts.feed({again});
    const HistorySeries& series = charts.chart()->series(0);
    QCOMPARE(series.step(series.size() - 1), double(again.step));
  }

  void showsTheProfileLive() {
    FedCharts charts;
    charts.resize(1000, 700);
    charts.show();
    QTest::mouseClick(charts.panelSwitch(QStringLiteral("speed")), Qt::LeftButton);
    PhaseBar* bar = charts.phaseBar();
    QVERIFY(bar->isVisible());
    QVERIFY(bar->entries().isEmpty());
    QVERIFY(bar->text().contains(QStringLiteral("first step")));
    const int height = bar->height();
    Event step{1, "DPT", 1, 1, StepEvent{.total = 1.0, .seconds = 2.0}};
    charts.feed({step});
    QVERIFY(bar->text().contains(QStringLiteral("don't tell")));
    std::get<StepEvent>(step.body).phases = {{"vision", 0.5}, {"teacher", 1.49}, {"waiting", 0.01}};
    charts.feed({step});
    QCOMPARE(bar->entries().size(), 3);
    QCOMPARE(bar->entries()[2], QStringLiteral("Waiting for data < 1\u202f%"));
    QCOMPARE(bar->height(), height);  // nothing jumps
    step.stage = "SFT";
    std::get<StepEvent>(step.body).phases = {{"student", 2.0}};
    charts.feed({step});
    QCOMPARE(bar->entries(), QStringList{QStringLiteral("Student 100\u202f%")});
    QVERIFY(bar->accessibleDescription().contains(QStringLiteral("Student 100")));
    charts.forget();
    QVERIFY(bar->entries().isEmpty());
  }

  void takesEventsThatTellNothing() {
    FedCharts charts;
    charts.feed(
        {{1, "DPT", 1, 1, StepEvent{}}, {2, "DPT", 1, 1, WarningEvent{}}, {2, "DPT", 1, 1, ProbeEvent{}}, Event{}});
    QCOMPARE(charts.chart()->series(0).size(), std::size_t(1));
    QVERIFY(std::isnan(charts.chart()->series(0).value(0)));
  }

  /// Marks have a place of their own above the lines, whatever is zoomed into.
  void opensTheStepOfAMark() {
    FedCharts charts;
    charts.resize(1000, 700);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.feed(made_events({}));
    QTest::qWait(50);
    QSignalSpy chosen(&charts, &RunCharts::stepChosen);
    StepChart* chart = charts.chart();
    QWidget* plot = chart->findChild<QWidget*>();
    chart->showValues(1, 3);
    QTest::qWait(50);
    const QPointF mark = chart->positionOfMark(0);
    QVERIFY(mark.y() < chart->plotArea().top());
    QTest::mouseClick(plot, Qt::LeftButton, {}, (mark - plot->pos()).toPoint());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 80);
  }

  /// One step has one place on the screen, in every chart.
  void allChartsHaveTheSameEdges() {
    FedCharts charts;
    charts.resize(1200, 900);
    charts.show();
    charts.feed(made_events({}));
    for (const char* panel : {"speed", "memory", "probes"})
      QTest::mouseClick(charts.panelSwitch(QString::fromLatin1(panel)), Qt::LeftButton);
    QTest::qWait(100);
    const QRectF above = charts.chart()->plotArea();
    const auto edges = [&](const StepChart* chart) {
      const QPointF corner = chart->mapTo(&charts, QPoint());
      return std::pair(corner.x() + chart->plotArea().left(), corner.x() + chart->plotArea().right());
    };
    const double column = charts.chart()->mapTo(&charts, QPoint()).x();
    for (const char* panel : {"gradient_norm", "learning_rate", "speed", "memory", "probes"}) {
      const StepChart* chart = charts.panelChart(QString::fromLatin1(panel));
      QVERIFY2(chart->isVisible(), panel);
      QCOMPARE(edges(chart), std::pair(column + above.left(), column + above.right()));
      QVERIFY2(chart->height() >= 90, panel);
      QVERIFY2(!chart->valueTitle().isEmpty(), panel);
    }
    takePicture(&charts, QStringLiteral("train-panels"));
  }

  /// A click on a panel's switch moves nothing but the room of the charts: the switches stay under the pointer's row.
  void remembersWhichPanelsAreShown() {
    {
      FedCharts charts;
      charts.resize(1000, 800);
      charts.show();
      QVERIFY(!charts.panelChart(QStringLiteral("memory"))->isVisible());
      QTest::mouseClick(charts.panelSwitch(QStringLiteral("memory")), Qt::LeftButton);
      QTest::mouseClick(charts.panelSwitch(QStringLiteral("gradient_norm")), Qt::LeftButton);
      QVERIFY(charts.panelChart(QStringLiteral("memory"))->isVisible());
    }
    FedCharts again;
    again.show();
    QVERIFY(again.panelChart(QStringLiteral("memory"))->isVisible());
    QVERIFY(!again.panelChart(QStringLiteral("gradient_norm"))->isVisible());
  }

  /// Another stage has another sum: no line leads from one to the other, in no chart and at no smoothing.
  void linesHaveAGapBetweenStages() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({}));
    QTest::qWait(50);
    const auto gaps = [](const StepChart* chart, bool smoothed) {
      std::vector<double> found;
      for (const QPointF& point : chart->drawnPoints(0, smoothed))
        if (std::isnan(point.y())) found.push_back(point.x());
      return found;
    };
    const std::vector<double> joints{81, 161};
    QCOMPARE(gaps(charts.chart(), false), joints);
    QCOMPARE(gaps(charts.chart(), true), joints);
    QCOMPARE(gaps(charts.panelChart(QStringLiteral("gradient_norm")), false), joints);
    QCOMPARE(gaps(charts.panelChart(QStringLiteral("gradient_norm")), true), joints);
  }

  /// Whoever drags a chart far away still sees its data.
  void panningStaysNearTheData() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.feed(made_events({}));
    QTest::qWait(50);
    StepChart* chart = charts.chart();
    QWidget* plot = chart->findChild<QWidget*>();
    const QPoint from = chart->plotArea().center().toPoint() - plot->pos();
    for (int drag = 0; drag < 8; ++drag) {
      QTest::mousePress(plot, Qt::LeftButton, {}, from);
      for (int moved = 100; moved <= 400; moved += 100) {
        const QPointF to = from + QPoint(moved, 0);
        QMouseEvent move(QEvent::MouseMove, to, plot->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(plot, &move);
      }
      QTest::mouseRelease(plot, Qt::LeftButton, {}, from + QPoint(400, 0));
    }
    const auto [low, high] = chart->shownSteps();
    QVERIFY2(low >= -150 && high >= 80, qPrintable(QStringLiteral("%1 to %2").arg(low).arg(high)));
    QCOMPARE(charts.panelChart(QStringLiteral("gradient_norm"))->shownSteps(), chart->shownSteps());
  }

  /// Other runs are drawn by the same terms over the same axis; the legend shows and hides them.
  void drawsOtherRunsOverTheOneAtHand() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({.steps_done = 100}));
    QTest::qWait(20);
    StepChart* chart = charts.chart();
    QVERIFY(chart->shownSteps().second < 110);
    auto longer = std::make_shared<StepHistory>();
    for (const Event& event : made_events({.steps_done = 240})) longer->add(event);
    charts.setOverlays({{QStringLiteral("paper"), longer, true}, {QStringLiteral("no RDist"), longer, false}});
    QVERIFY(chart->shownSteps().second >= 240);
    takePicture(&charts, QStringLiteral("train-overlay"));
    const auto entry = [&](const QString& name) {
      for (auto* found : charts.findChildren<LegendEntry*>())
        if (found->text() == name) return found;
      return static_cast<LegendEntry*>(nullptr);
    };
    QVERIFY(entry(QStringLiteral("paper")) && entry(QStringLiteral("no RDist")));
    QVERIFY(overlaidPen(QPen(), true).widthF() > overlaidPen(QPen(), false).widthF());
    QTest::mouseClick(entry(QStringLiteral("paper")), Qt::LeftButton);
    QTest::mouseClick(entry(QStringLiteral("no RDist")), Qt::LeftButton);
    QVERIFY(chart->shownSteps().second < 110);
    charts.setOverlays({});
    QVERIFY(!entry(QStringLiteral("paper")));
  }

  /// A spike and a failure are marked and listed with what was done; a click on one leads to the other.
  /// The end of a long log alone tells neither where its stage began nor how long it shall be.
  void looksForAlertsOnceAllIsRead() {
    auto steps = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 400; ++i) steps->add({double(i), "DPT", i, i, StepEvent{.total = 1.0}});
    RunCharts charts;
    charts.setLoading(0.3);
    charts.setSteps(steps);
    QTest::qWait(100);
    QCOMPARE(charts.alerts()->count(), 0);
    charts.setLoading(std::nullopt);
    charts.setSteps(steps);
    QTRY_COMPARE(charts.alerts()->count(), 1);
  }

  void showsAlertsOnTheChartAndInAList() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.feed(made_events({}));
    auto* shown = charts.panelSwitch(QStringLiteral("alerts"));
    QTRY_COMPARE(shown->text(), QStringLiteral("Alerts (1)"));  // the spike of step 130
    QVERIFY(!charts.alerts()->isVisible());
    QCOMPARE(charts.alerts()->count(), 1);
    QVERIFY2(charts.alerts()->item(0)->text().startsWith(QStringLiteral("SFT, step 130: Spike: total 6.")),
             qPrintable(charts.alerts()->item(0)->text()));
    QTest::qWait(50);
    StepChart* chart = charts.chart();
    QWidget* plot = chart->findChild<QWidget*>();
    QSignalSpy chosen(&charts, &RunCharts::stepChosen);
    // Marks are in the order of their steps: DPT's checkpoint, the spike, SFT's checkpoint.
    QTest::mouseClick(plot, Qt::LeftButton, {}, (chart->positionOfMark(1) - plot->pos()).toPoint());
    QCOMPARE(chosen.size(), 0);
    QVERIFY(charts.alerts()->isVisible());
    QCOMPARE(charts.alerts()->currentRow(), 0);
    chart->showSteps(1, 50);
    QTest::qWait(50);
    const QRect item = charts.alerts()->visualItemRect(charts.alerts()->item(0));
    QTest::mouseClick(charts.alerts()->viewport(), Qt::LeftButton, {}, item.center());
    QCOMPARE(chart->cursorStep(), std::optional(130.0));
    QVERIFY(chart->shownSteps().second > 130);
    charts.feed({Event{0, "DFT", 41, 201, FailedEvent{.message = "The gradient of sample “a-1” is not a number."}}});
    QTRY_COMPARE(charts.alerts()->count(), 2);
    QVERIFY(charts.alerts()->item(1)->text().contains(QStringLiteral("The run stopped. The gradient of sample")));
    charts.feed({Event{0, "DFT", 41, 201, PausedEvent{.reason = "The disk has 1 MB left."}},
                 Event{0, "DFT", 41, 201, PausedEvent{}}});  // which somebody asked for
    QTRY_COMPARE(charts.alerts()->count(), 3);
    QVERIFY(charts.alerts()->item(2)->text().endsWith(QStringLiteral("The run paused. The disk has 1 MB left.")));
    takePicture(&charts, QStringLiteral("train-alerts"));
    charts.forget();
    QCOMPARE(charts.alerts()->count(), 0);
    QCOMPARE(shown->text(), QStringLiteral("Alerts"));
  }

 private:
  /// A choice of the column beside the charts by its accessible name's first words.
  static void choose(RunCharts& charts, const char* name, int index) {
    for (auto* box : charts.findChildren<QComboBox*>())
      if (box->accessibleName().startsWith(QLatin1String(name))) {
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < index; ++i) QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentIndex(), index);
        return;
      }
    QFAIL("no such choice");
  }

 private Q_SLOTS:
  /// Weighted values come from the events, shares from these and the total; the tiles keep the raw values.
  void showsWeightedValuesAndShares() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(
        {{0, "DPT", 0, 0, StageStartedEvent{}},
         {1, "DPT", 1, 1,
          StepEvent{.terms = {{"ce", 2.0}, {"rdist", 3.0}}, .weighted = {{"ce", 1.0}, {"rdist", 3.0}}, .total = 4}},
         {2, "DPT", 2, 2,
          StepEvent{.terms = {{"ce", 2.0}, {"rdist", 1.0}}, .weighted = {{"ce", 1.0}, {"rdist", 1.0}}, .total = 2}}});
    StepChart* chart = charts.chart();
    chart->setFocus();
    const auto shown = [&] {
      QTest::qWait(20);
      chart->setCursor(1);
      return chart->cursorText().section(u'\n', 1);
    };
    QCOMPARE(shown(), QStringLiteral("1\t4\t2\tnan\tnan\t3"));
    choose(charts, "What is shown", 1);
    QCOMPARE(shown(), QStringLiteral("1\t4\t1\tnan\tnan\t3"));
    choose(charts, "What is shown", 2);
    QCOMPARE(shown(), QStringLiteral("1\t0.25\tnan\tnan\t0.75"));
    QVERIFY(chart->shownValues().second <= 1 && !chart->isLogValues());
    QCOMPARE(charts.tiles()[1]->valueText(), QStringLiteral("2.000"));
  }

  /// The same steps, whatever the axis counts; a step keeps its values.
  void countsSamplesTokensHoursAndStages() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({}));
    StepChart* chart = charts.chart();
    choose(charts, "What the horizontal", 2);
    QTest::qWait(20);
    QCOMPARE(chart->drawnPoints(0, false).front().x(), 16.0);  // 16 samples a step
    QCOMPARE(chart->drawnPoints(0, false).back().x(), 3200.0);
    QCOMPARE(charts.panelChart(QStringLiteral("gradient_norm"))->drawnPoints(0, false).back().x(), 3200.0);
    choose(charts, "What the horizontal", 3);
    QTest::qWait(20);
    QCOMPARE(chart->drawnPoints(0, false).back().x(), 200.0 * 4096);
    choose(charts, "What the horizontal", 4);
    QTest::qWait(20);
    QVERIFY(std::abs(chart->drawnPoints(0, false).back().x() - 200 * 0.8 / 3600) < 0.005);
    choose(charts, "What the horizontal", 1);
    QTest::qWait(20);
    QCOMPARE(chart->drawnPoints(0, false).back().x(), 2.5);  // half of the third stage
    chart->showSteps(40, 120);
    QCOMPARE(chart->shownSteps(), std::pair(40.0, 120.0));
    choose(charts, "What the horizontal", 0);
    QCOMPARE(chart->shownSteps(), std::pair(40.0, 120.0));
  }

  /// A range can be typed: double click on an axis, two numbers, Enter.
  void takesATypedRange() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.feed(made_events({}));
    QTest::qWait(50);
    StepChart* chart = charts.chart();
    QWidget* plot = chart->findChild<QWidget*>();
    const auto type = [&](const QPoint& place, const QString& low, const QString& high) {
      QTest::mouseDClick(plot, Qt::LeftButton, {}, place);
      AxisRangePopup* popup = nullptr;
      for (auto* made : chart->findChildren<AxisRangePopup*>())
        if (made->isVisible()) popup = made;
      QVERIFY(popup);
      const auto fields = popup->findChildren<QLineEdit*>();
      QCOMPARE(fields.size(), 2);
      fields[0]->setText(low);
      fields[1]->setText(high);
      QTest::keyClick(fields[1], Qt::Key_Return);
      if (popup->isVisible()) popup->close();
    };
    const QRectF area = chart->plotArea().translated(-plot->pos());
    type(QPointF(area.left() - 20, area.center().y()).toPoint(), QStringLiteral("0.5"), QStringLiteral("2.5"));
    QCOMPARE(chart->shownValues(), std::pair(0.5, 2.5));
    type(QPointF(area.center().x(), area.bottom() + 8).toPoint(), QStringLiteral("20"), QStringLiteral("60"));
    QCOMPARE(chart->shownSteps(), std::pair(20.0, 60.0));
    QCOMPARE(chart->shownValues(), std::pair(0.5, 2.5));
    QCOMPARE(charts.panelChart(QStringLiteral("gradient_norm"))->shownSteps(), std::pair(20.0, 60.0));
    type(QPointF(area.left() - 20, area.center().y()).toPoint(), QStringLiteral("3"), QStringLiteral("2"));  // refused
    QCOMPARE(chart->shownValues(), std::pair(0.5, 2.5));
    QTest::keyClick(chart, Qt::Key_Home);
    QVERIFY(chart->isFitted() && chart->shownSteps().second >= 200);
  }

 private:
  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunChartsTest)
#include "tst_run_charts.moc"
