// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/frame/run_strip.h"
#include "widgets/pages/train/phase_bar.h"
#include "widgets/pages/train/run_charts.h"
#include "widgets/pages/train/run_command.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/parts.h"

namespace llavakd {

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

  void init() { QSettings().clear(); }

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
    QTRY_COMPARE(opened.page.command()->text(),
                 trainCommandText(opened.document.path(), QStringLiteral("made-run"), RunVerb::resume));
    QVERIFY(opened.page.command()->text().contains(opened.document.path()));  // it works in any folder
    chart->setCursor(120, true);
    takePicture(&opened.page, QStringLiteral("train"));
    opened.page.resize(1024, 620);
    takePicture(&opened.page, QStringLiteral("train-small"));
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
    for (const char* panel : {"speed", "memory", "alerts", "record"})
      QTest::mouseClick(opened.page.charts()->panelSwitch(QLatin1String(panel)), Qt::LeftButton);
    opened.page.setMinimumSize(0, 0);
    // The least window, also that of 1440 x 900 at 200 %; and one of 1024 x 700.
    for (const QSize size : {QSize(620, 380), QSize(888, 600)}) {
      opened.page.resize(size);
      QTest::qWait(50);
      const QStringList overlaps = overlapsIn(opened.page.charts());
      QVERIFY2(overlaps.isEmpty(), qPrintable(overlaps.join(u'\n')));
      for (const auto* entry : opened.page.findChildren<LegendEntry*>())
        QVERIFY(entry->height() >= QFontMetrics(theme::font(theme::Size::body)).height());
      QVERIFY(opened.page.charts()->chart()->height() >= 150);
      takePicture(&opened.page, QStringLiteral("train-low-%1").arg(size.width()));
    }
    const auto* area = opened.page.findChild<QScrollArea*>();
    QCOMPARE(area->horizontalScrollBar()->maximum(), 0);  // nothing is cut off at the side
  }

  void showsWhereAStepsTimeGoes() {
    Opened opened(m_folder.filePath(QStringLiteral("profile")), {});
    RunCharts* charts = opened.page.charts();
    QTRY_COMPARE(charts->chart()->series(0).size(), std::size_t(200));
    PhaseBar* bar = charts->phaseBar();
    QTest::mouseClick(charts->panelSwitch(QStringLiteral("speed")), Qt::LeftButton);
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

  /// What `llavakd check` finds red stops Start with its sentence; nothing is started behind the back.
  void aRedCheckStopsStart() {
    Opened opened(m_folder.filePath(QStringLiteral("red")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    const QString started = m_folder.filePath(QStringLiteral("red/started"));
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    QTest::qWait(100);
    const QWidget* charts = opened.page.charts();
    const QRect before(charts->mapTo(&opened.page, QPoint()), charts->size());
    opened.controller.start();
    QTRY_COMPARE(opened.page.message()->text(), QStringLiteral("Disk: checkpoints take 14 GiB. Free some space."));
    QTest::qWait(50);
    QCOMPARE(QRect(charts->mapTo(&opened.page, QPoint()), charts->size()), before);  // nothing moves for a message
    QVERIFY(!QFile::exists(started));
    QCOMPARE(opened.run.state(), RunState::stopped);
    takePicture(&opened.page, QStringLiteral("train-red-check"));
    QPushButton* anyway = nullptr;
    for (auto* button : opened.page.message()->findChildren<QPushButton*>())
      if (button->text() == QStringLiteral("Start anyway")) anyway = button;
    QVERIFY(anyway && anyway->isVisible());
    QTest::mouseClick(anyway, Qt::LeftButton);
    QTRY_VERIFY(QFile::exists(started));
  }

  /// A message lies over nothing: there is a strip for it, or the charts give way at their lower end.
  void aMessageCoversNothing() {
    Opened opened(m_folder.filePath(QStringLiteral("covers")), {});
    opened.page.setMinimumSize(0, 0);
    const auto* content = opened.page.findChild<QStackedWidget*>();
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    for (const QSize size : {QSize(1280, 800), QSize(620, 380)}) {
      opened.page.message()->dismiss();
      opened.page.resize(size);
      QTest::qWait(50);
      const QPoint place = content->pos();
      QVERIFY(opened.page.command()->isVisible());
      QVERIFY(!content->geometry().intersects(opened.page.command()->geometry()));
      opened.controller.start();
      QTRY_VERIFY(opened.page.message()->isVisible() &&
                  opened.page.message()->text().startsWith(QStringLiteral("Disk: ")));
      QTest::qWait(50);
      QVERIFY(!content->geometry().intersects(opened.page.message()->geometry()));
      QVERIFY(opened.page.rect().contains(opened.page.message()->geometry()));
      QVERIFY(!opened.page.command()->isVisible());
      QCOMPARE(content->pos(), place);
    }
  }

  void aGreenCheckStarts() {
    Opened opened(m_folder.filePath(QStringLiteral("green")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    opened.controller.start();
    opened.controller.start();  // twice pressed, once started
    QTRY_VERIFY(QFile::exists(m_folder.filePath(QStringLiteral("green/started"))));
    QTest::qWait(300);
    QFile file(m_folder.filePath(QStringLiteral("green/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count('\n'), 1);
  }

  /// A resume that the engine refuses says why, and what was changed on purpose can be accepted.
  void saysWhyAResumeIsRefused() {
    Opened opened(m_folder.filePath(QStringLiteral("refused")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_VERIFY(canGoOn(opened.run.progress()));
    opened.controller.resume();
    QTRY_VERIFY(opened.page.message()->isVisible());
    QVERIFY2(opened.page.message()->text().startsWith(QStringLiteral("data.json has changed")),
             qPrintable(opened.page.message()->text()));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(canGoOn(opened.run.progress()));
    auto* accept = opened.page.message()->findChild<QPushButton*>();
    QCOMPARE(accept->text(), QStringLiteral("Accept and resume"));
    QTest::mouseClick(accept, Qt::LeftButton);
    QFile file(m_folder.filePath(QStringLiteral("refused/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray commands;
    QTRY_VERIFY((commands += file.readAll()).contains("--resume made-run --accept-changes"));
  }

  /// Or the run stays as it is, and another one goes on from where it is.
  void aRefusedResumeGoesOnInANewRun() {
    Opened opened(m_folder.filePath(QStringLiteral("branched")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_VERIFY(canGoOn(opened.run.progress()));
    opened.controller.resume();
    QTRY_VERIFY(opened.page.message()->isVisible());
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    const auto buttons = opened.page.message()->findChildren<QPushButton*>();
    const auto branch = std::ranges::find(buttons, QStringLiteral("Go on in a new run"), &QPushButton::text);
    QVERIFY(branch != buttons.end());
    QTest::mouseClick(*branch, Qt::LeftButton);
    QFile file(m_folder.filePath(QStringLiteral("branched/started")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray commands;
    QTRY_VERIFY((commands += file.readAll()).contains("--resume made-run --branch "));
  }

  /// The runs that are ticked are drawn over the one at hand, which is none of them.
  void drawsTheTickedRuns() {
    OpenedRun opened(make_run(toPath(m_folder.filePath(QStringLiteral("overlay"))), {}));
    const std::filesystem::path other = opened.made.run_folder.parent_path() / "older-run";
    std::filesystem::copy(opened.made.run_folder, other, std::filesystem::copy_options::recursive);
    RunController controller(&opened.document, &opened.run);
    RunSelection selection(&opened.run);
    TrainPage page(&opened.document, &opened.run, &controller, &selection);
    page.resize(1200, 760);
    page.show();
    opened.open();
    opened.run.choose(toQString(opened.made.run_folder));
    QTRY_COMPARE(page.charts()->chart()->series(0).size(), std::size_t(200));
    selection.setTicked(toQString(other), true);
    selection.setTicked(toQString(opened.made.run_folder), true);
    const auto entries = [&] {
      QStringList names;
      for (const auto* entry : page.findChildren<LegendEntry*>()) names << entry->text();
      return names;
    };
    QTRY_VERIFY2(entries().size() == 6, qPrintable(entries().join(u',')));  // five terms, and one run
    selection.setTicked(toQString(other), false);
    QTRY_COMPARE(entries().size(), 5);
  }

  /// Without a checkpoint there is nothing to go on from.
  void offersResumeOnlyWithACheckpoint() {
    MadeRunPlan plan;
    plan.steps_done = 20;
    plan.status = QStringLiteral("stopped");
    Opened opened(m_folder.filePath(QStringLiteral("no-checkpoint")), plan);
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(!canGoOn(opened.run.progress()));
    QCOMPARE(opened.page.command()->text(), trainCommandText(opened.document.path()));
  }

  /// What isn't saved is in no file that a command could name.
  void unsavedChangesHaveNoCommand() {
    Opened opened(m_folder.filePath(QStringLiteral("unsaved")), {});
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QTRY_VERIFY(opened.page.command()->text().startsWith(QStringLiteral("llavakd train")));
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 7; });
    QVERIFY(!opened.page.command()->text().contains(QStringLiteral("llavakd")));
    opened.document.save();
    QTRY_VERIFY(opened.page.command()->text().startsWith(QStringLiteral("llavakd train")));
  }

  /// Of a run at work the command tells how it goes: what began it would be refused now, and what goes on with it too.
  void showsACommandThatFollowsARunAtWork() {
    MadeRunPlan plan;
    plan.steps_done = 100;
    plan.status = QStringLiteral("running");
    Opened opened(m_folder.filePath(QStringLiteral("resumed")), plan);
    Sleeper engine(m_folder.filePath(QStringLiteral("llavakd-sleeps")));
    const RunFolder folder{opened.made.run_folder};
    RunInfo info = read_run_info(folder);
    info.pid = engine.pid();
    write_run_info(folder, info);
    QTRY_COMPARE(opened.run.state(), RunState::running);
    QTRY_COMPARE(opened.page.command()->text(), showCommandText(opened.document.path(), QStringLiteral("made-run")));
    auto* copy = opened.page.command()->findChild<QToolButton*>();
    QTest::mouseClick(copy, Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), opened.page.command()->text());
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 7; });
    QVERIFY(opened.page.command()->text().contains(QStringLiteral("runs show")));
  }

  /// While runs are looked for and read, the page doesn't say that there is none, nor offer to start one.
  void readingIsNotEmptiness() {
    OpenedRun opened(make_run(toPath(m_folder.filePath(QStringLiteral("reading")))));
    RunController controller(&opened.document, &opened.run);
    TrainPage page(&opened.document, &opened.run, &controller);
    page.show();
    opened.document.open(toQString(opened.made.project_file));
    QTRY_VERIFY(opened.document.isOpen());
    opened.run.setProjectFile(toQString(opened.made.project_file));
    const auto* reading = page.findChild<LoadingPlaceholder*>();
    QVERIFY(reading->isVisible());
    QVERIFY(!page.findChild<ActionButton*>(QStringLiteral("emptyStart"))->isVisible());
    QTRY_VERIFY(page.charts()->isVisible());
    QVERIFY(!reading->isVisible());
  }

 private:
  // Visible widgets of one layout that lie on each other.
  static QStringList overlapsIn(QWidget* root) {
    QStringList found;
    QList<QWidget*> parents = root->findChildren<QWidget*>();
    parents.prepend(root);
    for (const QWidget* parent : parents) {
      if (!parent->layout() || qobject_cast<const StepChart*>(parent)) continue;
      const auto children = parent->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
      for (qsizetype i = 0; i < children.size(); ++i)
        for (qsizetype k = 0; k < i; ++k)
          if (children[i]->isVisible() && children[k]->isVisible() && !children[i]->isWindow() &&
              !children[k]->isWindow() && children[i]->geometry().intersects(children[k]->geometry()))
            found << QStringLiteral("%1 %2 and %3 %4 in %5")
                         .arg(QLatin1String(children[i]->metaObject()->className()), children[i]->objectName(),
                              QLatin1String(children[k]->metaObject()->className()), children[k]->objectName(),
                              QLatin1String(parent->metaObject()->className()));
    }
    return found;
  }

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
  struct Opened : OpenedRun {
    Opened(const QString& folder, const MadeRunPlan& plan) : OpenedRun(make_run(toPath(folder), plan)) {
      page.resize(1280, 800);
      page.show();
      open();
    }
    RunController controller{&document, &run};
    TrainPage page{&document, &run, &controller};
  };
  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::TrainPageTest)
#include "tst_train_page.moc"
