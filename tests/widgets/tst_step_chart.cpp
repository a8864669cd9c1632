// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "fed_charts.h"
#include "made_run.h"
#include "widgets/charts/axis_range_popup.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class StepChartTest : public QObject {
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

  /// Each panel has the chart's smoothing, logarithmic axes and band, and says what it counts in which unit.
  void everyPanelHasTheSameControls() {
    FedCharts charts;
    charts.resize(1000, 900);
    charts.show();
    charts.feed(made_events({}));
    auto* slider = charts.findChild<QSlider*>();
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_End);
    QCheckBox *logValues = nullptr, *logSteps = nullptr;
    for (auto* box : charts.findChildren<QCheckBox*>()) {
      if (box->text() == QStringLiteral("Log values")) logValues = box;
      if (box->text() == QStringLiteral("Log axis of steps")) logSteps = box;
    }
    QVERIFY(logValues && logSteps);
    QTest::keyClick(logSteps, Qt::Key_Space);
    const std::vector<std::pair<const char*, const char*>> titles{{"gradient_norm", "Gradient norm"},
                                                                  {"speed", "Seconds a step"},
                                                                  {"memory", "Memory of the engine"},
                                                                  {"probes", "cosine"}};
    for (const bool on : {true, false}) {
      for (const auto& [panel, title] : titles) {
        const StepChart* chart = charts.panelChart(QString::fromLatin1(panel));
        QCOMPARE(chart->smoothing(), charts.chart()->smoothing());
        QVERIFY2(chart->smoothing().factor > 0.9, panel);
        QVERIFY2(chart->isLogValues() == on && chart->isLogSteps(), panel);
        QVERIFY2(chart->valueTitle().contains(QLatin1String(title)), qPrintable(chart->valueTitle()));
      }
      QTest::keyClick(logValues, Qt::Key_Space);
    }
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

  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::StepChartTest)
#include "tst_step_chart.moc"
