// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "fed_charts.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/alert_list.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/theme.h"

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

  /// A click on a panel's switch leaves the switches under the pointer.
  void switchesStayWhereTheyAre() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({}));
    auto* memory = charts.panelSwitch(QStringLiteral("memory"));
    QTest::qWait(50);
    const QPoint place = memory->mapTo(&charts, QPoint());
    for (const char* panel : {"memory", "speed", "record", "gradient_norm", "memory"}) {
      QTest::mouseClick(charts.panelSwitch(QLatin1String(panel)), Qt::LeftButton);
      QTest::qWait(20);
      QCOMPARE(memory->mapTo(&charts, QPoint()), place);
    }
  }

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
    for (std::size_t place = 1; place < 8; ++place)  // two runs are told apart without their colours
      for (std::size_t before = 0; before < place; ++before)
        QVERIFY(overlaidPen(QPen(), false, place) != overlaidPen(QPen(), false, before));
    QTest::mouseClick(entry(QStringLiteral("paper")), Qt::LeftButton);
    QTest::mouseClick(entry(QStringLiteral("no RDist")), Qt::LeftButton);
    QVERIFY(chart->shownSteps().second < 110);
    charts.setOverlays({});
    QVERIFY(!entry(QStringLiteral("paper")));
  }

  /// The scores of several evaluations of a step are next to each other, not on each other.
  void evaluationsOfAStepShareAMark() {
    FedCharts charts;
    const auto evaluated = [](const char* file, double score) {
      EvaluationEvent event;
      event.result.score = score;
      event.result.scorer = "exact_match";
      event.result.settings.file = file;
      event.result.n = 10;
      return Event{.time = 9e9, .stage = "DFT", .stage_step = 40, .step = 200, .body = event};
    };
    charts.feed(made_events({}));
    const auto marks = charts.marks().size();
    charts.feed({evaluated("test.json", 36.3), evaluated("data/more.json", 12), evaluated("test.json", 36.3)});
    QCOMPARE(charts.marks().size(), marks + 1);
    const auto& mark = *std::ranges::find(charts.marks(), MarkKind::evaluation, &StepMark::kind);
    QVERIFY2(mark.label.startsWith(QStringLiteral("36.3")) && mark.label.contains(QStringLiteral(" · 12.0")),
             qPrintable(mark.label));
    QVERIFY2(mark.text.contains(QStringLiteral("of more.json")), qPrintable(mark.text));
  }

  /// In the legend a long name keeps its end, by which runs of one day differ, and has it whole in its tooltip.
  void namesOfRunsKeepTheirEnds() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    const auto steps = std::make_shared<StepHistory>();
    const QString first = QStringLiteral("2026-11-30-204704-with-a-word"), second = first + QStringLiteral("-more");
    charts.setOverlays({{first, steps, false}, {second, steps, false}});
    QTest::qWait(50);  // until the entries have their places
    QStringList shown;
    for (const auto* entry : charts.findChildren<LegendEntry*>()) {
      if (!entry->text().startsWith(QStringLiteral("2026"))) continue;
      shown << entry->shownName(entry->width());
      QVERIFY(entry->toolTip().startsWith(entry->text()));
    }
    QCOMPARE(shown.size(), 2);
    QVERIFY2(shown[0] != shown[1] && shown[1].endsWith(QStringLiteral("more")), qPrintable(shown.join(u' ')));
  }

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

  /// A spike and a failure are marked and listed with what was done; a click on one leads to the other.
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
    QCOMPARE(charts.alerts()->accessibleDescription(), QString());
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
    // An empty list says what would be in it.
    QCOMPARE(charts.alerts()->accessibleDescription(), AlertList::emptyText());
    const QImage empty = charts.alerts()->viewport()->grab().toImage();
    int written = 0;
    for (int y = 0; y < empty.height(); ++y)
      for (int x = 0; x < empty.width(); ++x) written += empty.pixelColor(x, y).lightness() < 160;
    QVERIFY2(written > 100, qPrintable(QString::number(written)));
  }

  /// The learning rate is what the schedule says, step by step: an average of it would be a value that it never had.
  void theLearningRateIsNeverSmoothed() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({}));
    QTest::qWait(50);
    StepChart *rate = charts.panelChart(QStringLiteral("learning_rate")),
              *norm = charts.panelChart(QStringLiteral("gradient_norm"));
    QVERIFY(!norm->drawnPoints(0, true).empty());
    QVERIFY(rate->drawnPoints(0, true).empty());
    QCOMPARE(rate->drawnPoints(0, false).size(), std::size_t(202));  // a point a step, and two gaps between stages
    auto* slider = charts.findChild<QSlider*>();
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_End);
    QTest::qWait(50);
    QVERIFY(rate->drawnPoints(0, true).empty());
    QCOMPARE(rate->table().columns(), 2);  // the step and the rate
    takePicture(&charts, QStringLiteral("train-learning-rate"));
  }

 private:
  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunChartsTest)
#include "tst_run_charts.moc"
