// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/engine/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"
#include "widgets/train/phase_bar.h"
#include "widgets/train/run_charts.h"
#include "widgets/train/run_controls.h"
#include "widgets/train/term_tile.h"
#include "widgets/train/train_page.h"

namespace llavakd {

class TrainPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void saysWhatComesBeforeTheFirstRun() {
    TrainPage page;
    page.resize(1024, 640);
    page.show();
    auto* start = page.findChild<ActionButton*>(QStringLiteral("emptyStart"));
    QVERIFY(!start->isVisible());
    ProjectDocument document;
    RunWatcher run;
    page.setDocument(&document);
    page.setRun(&run);
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("empty"))));
    std::filesystem::remove_all(made.run_folder);
    document.open(toQString(made.project_file));
    QTRY_VERIFY(document.isOpen());
    QTRY_VERIFY(start->isVisible());
    QVERIFY(start->isPrimary());
    takePicture(&page, QStringLiteral("train-empty"));
  }

  void showsAWholeRun() {
    Opened opened(m_folder.filePath(QStringLiteral("whole")), {});
    StepChart* chart = opened.page.charts()->chart();
    QTRY_COMPARE(chart->series(0).size(), std::size_t(200));
    QCOMPARE(opened.page.charts()->tiles().size(), std::size_t(5));
    QVERIFY(opened.page.charts()->tiles()[0]->valueText().toDouble() > 0);
    QVERIFY(opened.page.charts()->tiles()[0]->trendText().startsWith(QStringLiteral("↓")));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(opened.button("resume")->isVisible());
    QVERIFY(opened.button("resume")->isPrimary());
    QVERIFY(!opened.button("start")->isPrimary());
    QVERIFY(!opened.button("pause")->isVisible());
    QTRY_COMPARE(opened.page.controls()->command(), QStringLiteral("llavakd train made.kdproj --resume made-run"));
    chart->setCursor(120, true);
    takePicture(&opened.page, QStringLiteral("train"));
    opened.page.resize(1024, 620);
    takePicture(&opened.page, QStringLiteral("train-small"));
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
    QCOMPARE(again.type, std::string("step"));
    charts.append({again});
    const auto& steps = charts.chart()->series(0).steps();
    QVERIFY(std::is_sorted(steps.begin(), steps.end()));
    QCOMPARE(steps.back(), double(again.step));
  }

  void showsWhereAStepsTimeGoes() {
    Opened opened(m_folder.filePath(QStringLiteral("profile")), {});
    RunCharts* charts = opened.page.charts();
    QTRY_COMPARE(charts->chart()->series(0).size(), std::size_t(200));
    PhaseBar* bar = charts->phaseBar();
    charts->tabs()->setCurrentIndex(2);
    QVERIFY(bar->isVisible());
    const QStringList entries = bar->entries();  // DFT, the newest stage: teacher 0.18 of 0.8 s
    QVERIFY2(
        entries.contains(QStringLiteral("Teacher 23\u202f%")) || entries.contains(QStringLiteral("Teacher 22\u202f%")),
        qPrintable(entries.join(u',')));
    QVERIFY2(bar->text().startsWith(QStringLiteral("DFT: 0.")), qPrintable(bar->text()));
    QVERIFY(bar->text().endsWith(QStringLiteral("newest 40")));
    takePicture(&opened.page, QStringLiteral("train-profile"));
    opened.page.resize(1024, 620);
    takePicture(&opened.page, QStringLiteral("train-profile-small"));
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
    Event step{"step", 1, "DPT", 1, 1, {{"total", 1.0}, {"seconds", 2.0}}};
    charts.append({step});
    QVERIFY(bar->text().contains(QStringLiteral("don't tell")));
    step.fields["phases"] = {{"vision", 0.5}, {"teacher", 1.49}, {"waiting", 0.01}};
    charts.append({step});
    QCOMPARE(bar->entries().size(), 3);
    QCOMPARE(bar->entries()[2], QStringLiteral("Waiting for data < 1\u202f%"));
    QCOMPARE(bar->height(), height);  // nothing jumps
    step.stage = "SFT";
    step.fields["phases"] = {{"student", 2.0}};
    charts.append({step});
    QCOMPARE(bar->entries(), QStringList{QStringLiteral("Student 100\u202f%")});
    QVERIFY(bar->accessibleDescription().contains(QStringLiteral("Student 100")));
    charts.clear();
    QVERIFY(bar->entries().isEmpty());
  }

  void takesAnyFields() {
    RunCharts charts;
    Event event{"step", 1, "DPT", 1, 1, {{"terms", "nonsense"}, {"total", nullptr}}};
    charts.append({event, {"warning", 2, "DPT", 1, 1, {{"message", 7}}}, {"probe", 2, "DPT", 1, 1}});
    QVERIFY(std::isnan(charts.chart()->series(0).values().back()));
  }

  void offersWhatTheStateAllows() {
    RunControls controls;
    controls.setStartable(true);
    controls.show();
    const auto visible = [&](const char* name) {
      return controls.findChild<ActionButton*>(QString::fromLatin1(name))->isVisible();
    };
    RunProgress progress;
    controls.setProgress(progress);
    QVERIFY(visible("start") && !visible("pause") && !visible("stop") && !visible("resume"));
    progress.state = RunState::running;
    controls.setProgress(progress);
    QVERIFY(!visible("start") && visible("pause") && visible("stop") && !visible("resume"));
    QSignalSpy paused(&controls, &RunControls::pauseClicked), resumed(&controls, &RunControls::resumeClicked);
    QTest::mouseClick(controls.findChild<ActionButton*>(QStringLiteral("pause")), Qt::LeftButton);
    QCOMPARE(paused.size(), 1);
    progress.state = RunState::paused;
    controls.setProgress(progress);
    QVERIFY(visible("stop") && visible("resume") && !visible("pause"));
    QTest::keyClick(controls.findChild<ActionButton*>(QStringLiteral("resume")), Qt::Key_Space);
    QCOMPARE(resumed.size(), 1);
    int primaries = 0;
    for (auto* button : controls.findChildren<ActionButton*>()) primaries += button->isVisible() && button->isPrimary();
    QCOMPARE(primaries, 1);
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
  struct Opened {
    Opened(const QString& folder, const MadeRunPlan& plan) : made(make_run(toPath(folder), plan)) {
      page.setDocument(&document);
      page.setRun(&run);
      page.resize(1280, 800);
      page.show();
      document.open(toQString(made.project_file));
      run.setProjectFile(toQString(made.project_file));
    }
    ActionButton* button(const char* name) { return page.findChild<ActionButton*>(QString::fromLatin1(name)); }
    MadeRun made;
    ProjectDocument document;
    RunWatcher run;
    TrainPage page;
  };
  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::TrainPageTest)
#include "tst_train_page.moc"
