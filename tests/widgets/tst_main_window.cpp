// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSet>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <algorithm>
#include <optional>

#include "app/main_window.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "listed_runs.h"
#include "widgets/document/recovery_file.h"
#include "widgets/forms/path_edit.h"
#include "widgets/frame/log_drawer.h"
#include "widgets/frame/machine_load.h"
#include "widgets/frame/rail.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_list_panel.h"
#include "widgets/pages/project/evaluation_list.h"
#include "widgets/pages/project/project_page.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

namespace {

// Answers the next question box.
void answerWith(QMessageBox::StandardButton button) {
  QTimer::singleShot(100, qApp, [button] {
    for (QWidget* widget : QApplication::topLevelWidgets())
      if (auto* box = qobject_cast<QMessageBox*>(widget); box && box->isVisible())
        QTest::mouseClick(box->button(button), Qt::LeftButton);
  });
}

}  // namespace

class MainWindowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void startsWithTheStartPageAndOpens() {
    MadeProject made;
    MainWindow window;
    window.show();
    QCOMPARE(window.currentPage(), StartPage::id());
    auto* rail = window.findChild<Rail*>();
    QVERIFY(!rail->button(QStringLiteral("train"))->isEnabled());
    window.openProject(made.file());
    QTRY_COMPARE(window.currentPage(), QStringLiteral("project"));
    QCOMPARE(window.windowTitle(), QStringLiteral("small[*] — LLaVA-KD Studio"));
    QCOMPARE(recentProjects(), QStringList{made.file()});
    QTest::mouseClick(rail->button(QStringLiteral("stages")), Qt::LeftButton);
    QCOMPARE(window.currentPage(), QStringLiteral("stages"));
    QTest::keyClick(&window, Qt::Key_4, Qt::ControlModifier);
    QCOMPARE(window.currentPage(), QStringLiteral("train"));
    QTest::keyClick(&window, Qt::Key_W, Qt::ControlModifier);
    QCOMPARE(window.currentPage(), StartPage::id());
  }

  /// Each page of the table is on the rail, in the menu and behind its shortcut, which is its place on the rail.
  void showsEveryPageOfTheTable() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    auto* rail = window.findChild<Rail*>();
    QSet<QString> ids{StartPage::id()};
    for (const PageDescriptor& page : window.pageTable()) {
      QCOMPARE(page.shortcut, QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_0 + ids.size())));
      QVERIFY2(!ids.contains(page.id), qPrintable(page.id));
      ids << page.id;
      QVERIFY2(QFile::exists(QStringLiteral(":/icons/%1.svg").arg(page.icon)), qPrintable(page.icon));
      QVERIFY(rail->button(page.id) && rail->button(page.id)->isEnabled());
      QVERIFY(rail->button(page.id)->toolTip().contains(page.shortcut.toString(QKeySequence::NativeText)));
      window.showPage(StartPage::id());
      QVERIFY(!rail->button(page.id)->isChecked());
      QAction* entry = nullptr;
      int behindShortcut = 0;
      for (QAction* action : window.findChildren<QAction*>()) {
        if (action->text() == page.title && action->shortcut() == page.shortcut) entry = action;
        behindShortcut += action->shortcuts().contains(page.shortcut);
      }
      QVERIFY2(entry, qPrintable(page.title));
      QCOMPARE(behindShortcut, 1);
      entry->trigger();
      QCOMPARE(window.currentPage(), page.id);
      QVERIFY(rail->button(page.id)->isChecked());
    }
  }

  /// A project with many stages is open at once: the cards of a page that nobody sees come one by one.
  void aPageBehindIsMadeInPieces() {
    MadeProject made;
    std::optional<size_t> atOnce;
    MainWindow window;
    window.show();
    auto* stages = window.findChild<StagesPage*>();
    connect(window.document(), &ProjectDocument::changed, this, [&] {
      if (!atOnce) atOnce = stages->cards().size();
    });
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    QCOMPARE(atOnce, std::optional<size_t>(0));
    QTRY_COMPARE(stages->cards().size(), size_t(3));
    QVERIFY(!stages->isVisible());
    // Whoever looks sees all of them.
    window.document()->close();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.showPage(QStringLiteral("stages"));
    QCOMPARE(stages->cards().size(), size_t(3));
  }

  /// [Browse samples] on a stage's card opens its samples.
  void aStageLeadsToItsSamples() {
    MadeProject made;
    MainWindow window;
    window.resize(1600, 900);
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.showPage(QStringLiteral("stages"));
    auto* stages = qobject_cast<StagesPage*>(window.shownPage());
    QVERIFY(stages && stages->cards().size() == 3);
    auto* browse = stages->cards()[1]->findChild<QPushButton*>(QStringLiteral("browse"));
    QVERIFY(browse && browse->isEnabled());
    browse->setFocus();
    QTest::keyClick(browse, Qt::Key_Space);
    auto* data = qobject_cast<DataPage*>(window.shownPage());
    QVERIFY(data);
    QCOMPARE(data->sets()->currentIndex(), 1);
    QTRY_COMPARE(data->browser()->rows().size(), size_t(2));
  }

  /// [Show them] of the check lists what a run leaves out.
  void aFindingLeadsToWhatIsLeftOut() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    Q_EMIT window.findChild<ProjectPage*>()->samplesRequested(QStringLiteral("stages[1]"));
    auto* data = qobject_cast<DataPage*>(window.shownPage());
    QVERIFY(data);
    QCOMPARE(data->sets()->currentIndex(), 1);
    QTRY_COMPARE(data->panel()->filters()->currentData().toInt(), int(SampleBrowser::Filter::faults));
  }

  /// A data file that isn't there is mended where it is named, and that is one click away.
  void aMissingFileLeadsToItsField() {
    MadeProject made;
    MainWindow window;
    window.resize(1600, 900);
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->edit(QStringLiteral("lose"), [](Project& project) {
      project.stages[0].data = "gone.json";
      project.evaluations.resize(1);
      project.evaluations[0].file = "gone.json";
    });
    const auto leadsTo = [&](int set) {
      window.showPage(QStringLiteral("data"));
      auto* data = qobject_cast<DataPage*>(window.shownPage());
      data->sets()->setFocus();
      QTest::keyClick(data->sets(), Qt::Key_Home);
      for (int i = 0; i < set; ++i) QTest::keyClick(data->sets(), Qt::Key_Down);
      auto* show = data->findChild<QPushButton*>(QStringLiteral("showDataOption"));
      const bool offered = QTest::qWaitFor([&] { return show->isVisible(); });
      if (offered) QTest::mouseClick(show, Qt::LeftButton);
      return offered ? window.currentPage() : QString();
    };
    QCOMPARE(leadsTo(0), QStringLiteral("stages"));
    QCOMPARE(leadsTo(3), QStringLiteral("project"));
    auto* field = window.findChild<EvaluationList*>()->field(QStringLiteral("evaluations[0].file"));
    QVERIFY(window.findChild<ProjectPage*>()->focusWidget() == qobject_cast<PathEdit*>(field)->line());
  }

  /// A run goes on without the window: that is said once, and the window may stay.
  void saysThatARunGoesOn() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"), "read line\n");  // as long as nobody writes to it
    QProcess engine;
    engine.start(QStringLiteral("/bin/sh"), {made.path(QStringLiteral("llavakd"))});
    QVERIFY(engine.waitForStarted());
    const RunFolder run = create_run(toPath(made.file()), "alive");
    RunInfo info;
    info.status = "running";
    info.pid = engine.processId();
    write_run_info(run, info);
    EventLog log(run.events());
    log.append({.time = 1, .body = RunStartedEvent{.stages = {{"DPT", 2}}}});
    const auto open = [&](MainWindow& window) {
      window.show();
      window.openProject(made.file());
      QTRY_COMPARE(window.run()->state(), RunState::running);
    };
    MainWindow first, second;
    open(first);
    open(second);
    answerWith(QMessageBox::Cancel);
    first.close();
    QVERIFY(first.isVisible());
    answerWith(QMessageBox::Close);
    first.close();
    QVERIFY(!first.isVisible());
    second.close();
    QVERIFY(!second.isVisible());
    engine.kill();
    engine.waitForFinished();
  }

  void showsItsShortcuts() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->edit(QStringLiteral("weights of the paper"), [](Project& project) { project.run.seed = 7; });
    QTest::keyClick(&window, Qt::Key_F1);
    auto* sheet = window.findChild<QDialog*>(QStringLiteral("shortcuts"));
    QVERIFY(sheet && sheet->isVisible());
    QStringList texts;
    for (const auto* label : sheet->findChildren<QLabel*>()) texts << label->text();
    for (const char* text : {"Start a run", "F5", "Stages", "Ctrl+2", "Undo", "On a stage’s card", "Move later"})
      QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
    // What an entry of a submenu does isn't told by its text alone; no keyboard has a key F14.
    QVERIFY(!texts.filter(QStringLiteral("New from template: ")).isEmpty());
    QVERIFY(texts.filter(QStringLiteral("F14")).isEmpty());
    sheet->close();
  }

  /// On a screen of 1440 x 900 at 200 %, with a panel and a title bar, all of the window can be seen.
  void fitsALowScreen() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.resize(720, 405);
    QCOMPARE(window.size(), QSize(720, 405));
    auto* rail = window.findChild<Rail*>();
    const auto* load = window.findChild<MachineLoad*>();
    QTRY_VERIFY(rail->isFolded() && !load->text().isEmpty());
    for (const PageDescriptor& page : window.pageTable()) {
      window.showPage(page.id);
      QTRY_COMPARE(window.size(), QSize(720, 405));
      QTRY_VERIFY(rail->button(page.id)->geometry().bottom() <= load->geometry().top());
    }
    QVERIFY(rail->geometry().bottom() <= window.height());
  }

  void foldsItsRailAndShowsTheLog() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.resize(1200, 700);
    auto* rail = window.findChild<Rail*>();
    QTRY_VERIFY(!rail->isFolded());
    window.resize(900, 700);
    QTRY_VERIFY(rail->isFolded());
    auto* log = window.findChild<LogDrawer*>();
    QVERIFY(!log->isVisible());
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_L, Qt::ControlModifier);
    QVERIFY(log->isVisible());
    // The same log, not another one, from the page of the run.
    auto* button = window.findChild<TrainPage*>()->findChild<QToolButton*>(QStringLiteral("log"));
    button->click();
    QVERIFY(!log->isVisible());
    button->click();
    QVERIFY(log->isVisible());
  }

  /// The rail's foot tells how busy processors, memory and the fuller one of two cards are.
  void tellsHowBusyTheMachineIs() {
    MadeProject made;
    made.write(QStringLiteral("nvidia-smi"),
               "#!/bin/sh\necho '0, 12, 1024, 8192'\necho '1, 45, 4096, 8192'\nexec sleep 60\n");
    QFile(made.path(QStringLiteral("nvidia-smi"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    MainWindow window;
    window.show();
    qputenv("PATH", path);
    const auto* load = window.findChild<MachineLoad*>();
    QTRY_VERIFY_WITH_TIMEOUT(load->text().contains(QStringLiteral("GPU 45\u202f%\nVRAM 4.00\u202fGiB")), 30000);
    QVERIFY2(load->text().startsWith(QStringLiteral("CPU ")) && load->text().contains(QStringLiteral("\nRAM ")),
             qPrintable(load->text()));
    QVERIFY(!MachineLoad::readCardLine("45, [N/A], 8192"));
    QVERIFY(!MachineLoad::readCardLine("No devices were found"));
  }

  void findsTheRunOfAProject() {
    MadeProject made;
    RunFolder run = create_run(toPath(made.file()), "first");
    RunInfo info;
    info.status = "finished";
    write_run_info(run, info);
    EventLog log(run.events());
    log.append({.time = 1, .body = RunStartedEvent{.stages = {{"DPT", 2}}}});
    log.append({.time = 1, .stage = "DPT", .body = StageStartedEvent{.steps = 2}});
    log.append({.time = 2, .stage = "DPT", .stage_step = 1, .step = 1, .body = StepEvent{}});
    MainWindow window;
    window.show();
    QSignalSpy events(window.run(), &RunWatcher::eventsArrived);
    window.openProject(made.file());
    QTRY_COMPARE(window.run()->state(), RunState::finished);
    QTRY_COMPARE(window.run()->progress().step, int64_t(1));
    QCOMPARE(window.run()->progress().fraction(0), 0.5);
    log.append({.time = 3, .stage = "DPT", .stage_step = 2, .step = 2, .body = StepEvent{}});
    QTRY_COMPARE(window.run()->progress().fraction(0), 1.0);
  }

  /// Any run of the project can be chosen; another project's is named as such and can't be.
  void choosesAmongRuns() {
    MadeProject made;
    const auto write = [&](const char* id, double started, const char* owner) {
      const RunFolder run = create_run(toPath(made.file()), id);
      RunInfo info;
      info.id = id;
      info.status = "finished";
      info.started = started;
      info.project_id = project_id_of(owner);
      info.project_file = owner;
      write_run_info(run, info);
      EventLog log(run.events());
      log.append({.time = 1, .body = RunStartedEvent{.stages = {{"DPT", 2}}}});
      log.append({.time = 2, .stage = "DPT", .stage_step = 1, .step = 1, .body = StepEvent{}});
      return toQString(run.path);
    };
    Project other = MadeProject::project();
    save_project(other, toPath(made.path(QStringLiteral("other.kdproj"))));
    const std::string own = made.file().toStdString();
    const QString older = write("older", 1763978400, own.c_str()), newer = write("newer", 1763982000, own.c_str());
    write("foreign", 1763985600, made.path(QStringLiteral("other.kdproj")).toStdString().c_str());
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_COMPARE(window.run()->runFolder(), newer);
    auto* runs = window.findChild<QToolButton*>(QStringLiteral("runs"));
    QTRY_VERIFY(runs->isVisible() && runs->text() == runTimeText(1763982000));
    const auto entry = [&](const QString& part) -> QAction* {
      Q_EMIT runs->menu()->aboutToShow();
      for (QAction* action : runs->menu()->actions())
        if (action->text().contains(part)) return action;
      return nullptr;
    };
    QTRY_VERIFY(entry(QStringLiteral("other.kdproj")));
    QVERIFY(!entry(QStringLiteral("other.kdproj"))->isEnabled());
    entry(runTimeText(1763978400))->trigger();
    QCOMPARE(window.run()->runFolder(), older);
    QTRY_COMPARE(window.run()->state(), RunState::finished);
    QTRY_COMPARE(runs->text(), runTimeText(1763978400));
    entry(QStringLiteral("newest"))->trigger();
    QTRY_COMPARE(window.run()->runFolder(), newer);
    entry(QStringLiteral("All 3 runs"))->trigger();
    QCOMPARE(window.currentPage(), QStringLiteral("runs"));
  }

  /// Help saves one text with what whoever mends a fault needs, and without names.
  void savesAReportOnAFault() {
    MadeProject made;
    writeListedRun(made, {.id = "faulty"});
    const QByteArray user = qgetenv("USER");
    qputenv("USER", "somebody");
    Project named = MadeProject::project();
    named.notes = "Asked by somebody, in " + QDir::homePath().toStdString() + "/work.";
    save_project(named, toPath(made.file()));
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(!window.run()->runFolder().isEmpty());
    const QString file = made.path(QStringLiteral("report.txt"));
    QTimer::singleShot(100, &window, [&] {
      for (QWidget* widget : QApplication::topLevelWidgets())
        if (auto* dialog = qobject_cast<QFileDialog*>(widget)) {
          // A name field with the focus keeps its text where selectFile() is called.
          dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
          QMetaObject::invokeMethod(dialog, "accept");
        }
    });
    for (QAction* action : window.findChildren<QAction*>())
      if (action->text().contains(QStringLiteral("report on a fault"))) action->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), 30000);
    qputenv("USER", user);
    QFile report(file);
    QVERIFY(report.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(report.readAll());
    for (const char* part : {"== Machine", "\"name\": \"small\"", "== Run: ", "\"type\":\"step\"", "Asked by USER"})
      QVERIFY2(text.contains(QLatin1String(part)), part);
    QVERIFY(!text.contains(QStringLiteral("somebody")));
    if (!QDir(QDir::homePath()).isRoot()) QVERIFY(!text.contains(QDir::homePath() + QLatin1Char('/')));
    QTRY_VERIFY(std::ranges::any_of(window.findChildren<InlineMessage*>(), [](const InlineMessage* message) {
      return message->isVisible() && message->text().contains(QStringLiteral("read it before"));
    }));
  }

  void changesItsAppearance() {
    MainWindow window;
    window.show();  // one that was never shown takes the palette when it is
    theme::apply(*qApp, theme::Appearance::dark);
    QVERIFY(theme::isDark());
    QTRY_VERIFY(window.palette().color(QPalette::Window).lightness() < 60);
    QTRY_VERIFY(window.centralWidget()->palette().color(QPalette::Window).lightness() < 60);
    theme::apply(*qApp, theme::Appearance::light);
    QTRY_VERIFY(window.palette().color(QPalette::Window).lightness() > 200);
  }
};

QTEST_MAIN(MainWindowTest)
#include "tst_main_window.moc"
