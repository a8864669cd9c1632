// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QMenu>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_project.h"
#include "widgets/frame/run_strip.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

/// The strip over every page, with a run whose process lives until it is killed.
class RunStripTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Whatever the run does, the buttons stay where they are: a second click never hits another one.
  void buttonsKeepTheirPlaces() {
    Running running;
    RunStrip strip(&running.document, &running.watcher);
    strip.resize(1400, 56);
    strip.show();
    QVERIFY(running.made.open(running.document));
    QToolButton *start = button(strip, "start"), *pause = button(strip, "pause"), *stop = button(strip, "stop");
    const auto places = [&] {
      return QList<QRect>{start->geometry(), pause->geometry(), stop->geometry()};
    };
    QTRY_VERIFY(start->isVisible() && start->isEnabled() && !pause->isEnabled() && !stop->isEnabled());
    QTest::qWait(50);
    const QList<QRect> before = places();
    running.watcher.setProjectFile(running.made.file());
    QTRY_COMPARE(running.watcher.state(), RunState::running);
    QVERIFY(!start->isEnabled() && pause->isEnabled() && stop->isEnabled());
    QTest::qWait(50);
    QCOMPARE(places(), before);

    QSignalSpy paused(&strip, &RunStrip::pauseRequested), stopped(&strip, &RunStrip::stopRequested);
    QSignalSpy resumed(&strip, &RunStrip::resumeRequested);
    connect(&strip, &RunStrip::pauseRequested, &strip,
            [&] { strip.setWaiting(QStringLiteral("Pausing after this step…")); });
    QTest::mouseClick(pause, Qt::LeftButton);
    QTest::mouseClick(pause, Qt::LeftButton);
    QCOMPARE(paused.size(), 1);
    QCOMPARE(stopped.size(), 0);
    QCOMPARE(strip.findChild<StateBadge*>()->text(), QStringLiteral("Pausing after this step…"));
    running.log.append({.time = 3, .stage = "DPT", .stage_step = 1, .step = 1, .body = PausedEvent{}});
    QTRY_COMPARE(running.watcher.state(), RunState::paused);
    QTest::qWait(50);
    QCOMPARE(places(), before);
    QVERIFY(pause->isEnabled() && stop->isEnabled());
    QCOMPARE(strip.findChild<StateBadge*>()->text(), runStateText(RunState::paused));
    QTest::mouseClick(pause, Qt::LeftButton);
    QCOMPARE(resumed.size(), 1);
    QCOMPARE(stopped.size(), 0);
  }

  /// A run that waits doesn't come nearer to its end.
  void saysNoTimeWhileItIsPaused() {
    Running running;
    running.log.append({.time = 2, .stage = "DPT", .stage_step = 1, .step = 1, .body = StageStartedEvent{.steps = 4}});
    running.log.append({.time = 4, .stage = "DPT", .stage_step = 2, .step = 2, .body = StepEvent{.seconds = 2}});
    RunStrip strip(&running.document, &running.watcher);
    strip.resize(1400, 56);
    strip.show();
    QVERIFY(running.made.open(running.document));
    running.watcher.setProjectFile(running.made.file());
    const auto* left = strip.findChild<QWidget*>(QStringLiteral("timeLeft"));
    QTRY_VERIFY(left->isVisible());
    running.log.append({.time = 5, .stage = "DPT", .stage_step = 2, .step = 2, .body = PausedEvent{}});
    QTRY_COMPARE(running.watcher.state(), RunState::paused);
    QVERIFY(!left->isVisible());
  }

  /// In the narrowest window nothing lies on anything else: Start's arrow isn't on Pause.
  void fitsANarrowWindow() {
    Running running;
    RunStrip strip(&running.document, &running.watcher);
    strip.resize(664, 56);
    strip.show();
    QVERIFY(running.made.open(running.document));
    running.watcher.setProjectFile(running.made.file());
    QTRY_COMPARE(running.watcher.state(), RunState::running);
    QTest::qWait(50);
    const auto parts = strip.findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    for (qsizetype i = 0; i < parts.size(); ++i)
      for (qsizetype k = 0; k < i; ++k)
        QVERIFY2(
            !parts[i]->isVisible() || !parts[k]->isVisible() || !parts[i]->geometry().intersects(parts[k]->geometry()),
            qPrintable(parts[i]->objectName() + QLatin1Char(' ') + parts[k]->objectName()));
  }

  /// Whoever has stopped a run sees another mark than whoever has paused it.
  void everyStateHasItsOwnMark() {
    const RunState states[] = {RunState::running,     RunState::paused,   RunState::stopped,
                               RunState::interrupted, RunState::finished, RunState::failed};
    QStringList icons;
    for (const RunState state : states) icons << theme::stateIconName(lookOf(state));
    icons.removeDuplicates();
    QCOMPARE(icons.size(), qsizetype(std::size(states)));
  }

  /// After a stop the first button resumes, and its menu begins a new run.
  void offersANewRunWhereItResumes() {
    Running running;
    RunStrip strip(&running.document, &running.watcher);
    strip.show();
    QVERIFY(running.made.open(running.document));
    running.log.append({.time = 3, .stage = "DPT", .stage_step = 1, .step = 1, .body = CheckpointEvent{.path = "x"}});
    running.watcher.setProjectFile(running.made.file());
    QTRY_COMPARE(running.watcher.state(), RunState::running);
    running.engine.kill();
    running.engine.waitForFinished();
    QTRY_COMPARE(running.watcher.state(), RunState::interrupted);
    QToolButton* start = button(strip, "start");
    QTRY_COMPARE(start->text(), QStringLiteral("Resume"));
    QSignalSpy resumed(&strip, &RunStrip::resumeRequested), started(&strip, &RunStrip::startRequested);
    QTest::mouseClick(start, Qt::LeftButton);
    QCOMPARE(resumed.size(), 1);
    QCOMPARE(started.size(), 0);
    start->menu()->actions().front()->trigger();
    QCOMPARE(started.size(), 1);
  }

 private:
  struct Running {
    Running() {
      made.write(QStringLiteral("llavakd"), "read line\n");
      engine.start(QStringLiteral("/bin/sh"), {made.path(QStringLiteral("llavakd"))});
      engine.waitForStarted();
      RunInfo info;
      info.status = "running";
      info.pid = engine.processId();
      write_run_info(run, info);
      log.append({.time = 1, .body = RunStartedEvent{.stages = {{"DPT", 2}}}});
      log.append({.time = 1, .stage = "DPT", .body = StageStartedEvent{.steps = 2}});
      log.append({.time = 2, .stage = "DPT", .stage_step = 1, .step = 1, .body = StepEvent{}});
    }
    ~Running() {
      engine.kill();
      engine.waitForFinished();
    }
    MadeProject made;
    QProcess engine;
    RunFolder run = create_run(toPath(made.file()), "alive");
    EventLog log{run.events()};
    ProjectDocument document;
    RunWatcher watcher;
  };
  static QToolButton* button(const RunStrip& strip, const char* name) {
    return strip.findChild<QToolButton*>(QString::fromLatin1(name));
  }
};

QTEST_MAIN(RunStripTest)
#include "tst_run_strip.moc"
