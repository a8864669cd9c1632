// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QLocale>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/frame/run_strip.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/run_controls.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"

namespace llavakd {

// The plot has a locale of its own, which has no say.
template <class Ticker>
struct TickerOfTest : Ticker {
  QString label(double tick) { return this->getTickLabel(tick, QLocale::c(), u'e', 4); }
};

class TrainPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  void saysWhatComesBeforeTheFirstRun() {
    ProjectDocument document;
    RunWatcher run;
    RunController controller(&document, &run);
    TrainPage page(&document, &run, &controller);
    page.resize(1024, 640);
    page.show();
    auto* start = page.findChild<ActionButton*>(QStringLiteral("emptyStart"));
    QVERIFY(!start->isVisible());
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
    QVERIFY(!opened.page.charts()->tiles()[0]->trendText().isEmpty());
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

  /// The strip offers what the page offers first, and a long name hides no unsaved change.
  void theStripOffersToResume() {
    Opened opened(m_folder.filePath(QStringLiteral("strip")), {});
    RunStrip strip(&opened.document, &opened.run);
    strip.show();
    auto* start = strip.findChild<QToolButton*>(QStringLiteral("start"));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_COMPARE(start->text(), QStringLiteral("Resume"));
    QSignalSpy resumed(&strip, &RunStrip::resumeRequested), started(&strip, &RunStrip::startRequested);
    QTest::mouseClick(start, Qt::LeftButton);
    QCOMPARE(resumed.size(), 1);
    QCOMPARE(started.size(), 0);
    const auto marks = [&] {
      int shown = 0;
      for (const auto* label : strip.findChildren<QLabel*>())
        shown += label->isVisible() && label->text() == QStringLiteral("•");
      return shown;
    };
    QCOMPARE(marks(), 0);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = std::string(200, 'n'); });
    QCOMPARE(marks(), 1);
  }

  /// In a window of the least size nothing lies on anything else: what doesn't fit is scrolled to.
  void aLowWindowScrolls() {
    Opened opened(m_folder.filePath(QStringLiteral("low")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    opened.page.setMinimumSize(0, 0);
    opened.page.resize(620, 380);
    QTest::qWait(50);
    const LegendEntry* above = nullptr;
    for (const auto* entry : opened.page.findChildren<LegendEntry*>()) {
      QVERIFY(entry->height() >= QFontMetrics(theme::font(theme::Size::body)).height());
      if (above)
        QVERIFY(entry->mapTo(&opened.page, QPoint()).y() >= above->mapTo(&opened.page, QPoint()).y() + above->height());
      above = entry;
    }
    QVERIFY(above);
    takePicture(&opened.page, QStringLiteral("train-low"));
  }

  /// A change never runs into the value beside it.
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

  /// What `llavakd check` finds red stops Start with its sentence; nothing is started behind the back.
  void aRedCheckStopsStart() {
    Opened opened(m_folder.filePath(QStringLiteral("red")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    const QString started = m_folder.filePath(QStringLiteral("red/started"));
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    QTest::mouseClick(opened.button("start"), Qt::LeftButton);
    QTRY_COMPARE(opened.page.message()->text(), QStringLiteral("Disk: checkpoints take 14 GiB. Free some space."));
    QVERIFY(!QFile::exists(started));
    QCOMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(opened.button("start")->isEnabled());
    takePicture(&opened.page, QStringLiteral("train-red-check"));
    QPushButton* anyway = nullptr;
    for (auto* button : opened.page.message()->findChildren<QPushButton*>())
      if (button->text() == QStringLiteral("Start anyway")) anyway = button;
    QVERIFY(anyway && anyway->isVisible());
    QTest::mouseClick(anyway, Qt::LeftButton);
    QTRY_VERIFY(QFile::exists(started));
  }

  void aGreenCheckStarts() {
    Opened opened(m_folder.filePath(QStringLiteral("green")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTest::mouseClick(opened.button("start"), Qt::LeftButton);
    opened.controller.start();  // twice pressed, once started
    QTRY_VERIFY(QFile::exists(m_folder.filePath(QStringLiteral("green/started"))));
    QTest::qWait(300);
    QFile file(m_folder.filePath(QStringLiteral("green/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count('\n'), 1);
  }

  /// A start that fails before its first step hides nothing: the run before it is shown again, under the reason.
  void aFailedStartHidesNoRun() {
    Opened opened(m_folder.filePath(QStringLiteral("failed-start")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_COMPARE(opened.run.runs().size(), std::size_t(1));
    QTest::mouseClick(opened.button("start"), Qt::LeftButton);
    QTRY_VERIFY(opened.page.message()->text().contains(QStringLiteral("failed before its first step")));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_COMPARE(opened.page.charts()->chart()->series(0).size(), std::size_t(200));
    QVERIFY(opened.page.message()->isVisible());
    takePicture(&opened.page, QStringLiteral("train-failed-start"));
  }

  /// A resume that the engine refuses says why, and what was changed on purpose can be accepted.
  void saysWhyAResumeIsRefused() {
    Opened opened(m_folder.filePath(QStringLiteral("refused")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_VERIFY(opened.button("resume")->isVisible());
    QTest::mouseClick(opened.button("resume"), Qt::LeftButton);
    QTRY_VERIFY(opened.page.message()->isVisible());
    QVERIFY2(opened.page.message()->text().startsWith(QStringLiteral("data.json has changed")),
             qPrintable(opened.page.message()->text()));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(opened.button("resume")->isVisible() && opened.button("resume")->isEnabled());
    auto* accept = opened.page.message()->findChild<QPushButton*>();
    QCOMPARE(accept->text(), QStringLiteral("Accept and resume"));
    QTest::mouseClick(accept, Qt::LeftButton);
    QFile file(m_folder.filePath(QStringLiteral("refused/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray commands;
    QTRY_VERIFY((commands += file.readAll()).contains("--resume made-run --accept-changes"));
  }

  /// Without a checkpoint there is nothing to go on from.
  void offersResumeOnlyWithACheckpoint() {
    MadeRunPlan plan;
    plan.steps_done = 20;
    plan.status = QStringLiteral("stopped");
    Opened opened(m_folder.filePath(QStringLiteral("no-checkpoint")), plan);
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(!opened.button("resume")->isVisible());
    QVERIFY(opened.button("start")->isPrimary());
    QCOMPARE(opened.page.controls()->command(), QStringLiteral("llavakd train made.kdproj"));
  }

  /// The command is that by which the run was begun, or there is none.
  void showsTheCommandOfARunThatWasResumed() {
    MadeRunPlan plan;
    plan.steps_done = 100;
    plan.status = QStringLiteral("running");
    Opened opened(m_folder.filePath(QStringLiteral("resumed")), plan);
    QTRY_VERIFY(opened.document.isOpen());
    Sleeper engine(m_folder.filePath(QStringLiteral("llavakd-sleeps")));
    const RunFolder folder{opened.made.run_folder};
    RunInfo info = read_run_info(folder);
    info.pid = engine.pid();
    info.project = to_json(opened.document.project());
    write_run_info(folder, info);
    QTRY_COMPARE(opened.run.state(), RunState::running);
    QTRY_COMPARE(opened.page.controls()->command(), QStringLiteral("llavakd train made.kdproj --run made-run"));
    EventLog(folder.events()).append({9e9, "SFT", 20, 100, RunResumedEvent{.stages = {{"DPT", 80}, {"SFT", 80}}}});
    QTRY_COMPARE(opened.page.controls()->command(), QStringLiteral("llavakd train made.kdproj --resume made-run"));
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 7; });
    QVERIFY(!opened.page.controls()->command().contains(QStringLiteral("llavakd")));
    opened.document.undoStack()->undo();
    QVERIFY(opened.page.controls()->command().contains(QStringLiteral("--resume")));
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
  // A process that lives and is called like the engine.
  class Sleeper {
   public:
    explicit Sleeper(const QString& script) {
      QFile file(script);
      if (file.open(QIODevice::WriteOnly)) file.write("read line\n");
      file.close();
      m_process.start(QStringLiteral("/bin/sh"), {script});
      m_process.waitForStarted();
    }
    ~Sleeper() { m_process.kill(), m_process.waitForFinished(); }
    qint64 pid() const { return m_process.processId(); }

   private:
    QProcess m_process;
  };
  struct Opened {
    Opened(const QString& folder, const MadeRunPlan& plan) : made(make_run(toPath(folder), plan)) {
      page.resize(1280, 800);
      page.show();
      document.open(toQString(made.project_file));
      run.setProjectFile(toQString(made.project_file));
      [this] {
        QTRY_VERIFY(document.isOpen());
      }();
    }
    ActionButton* button(const char* name) { return page.findChild<ActionButton*>(QString::fromLatin1(name)); }
    MadeRun made;
    ProjectDocument document;
    RunWatcher run;
    RunController controller{&document, &run};
    TrainPage page{&document, &run, &controller};
  };
  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::TrainPageTest)
#include "tst_train_page.moc"
