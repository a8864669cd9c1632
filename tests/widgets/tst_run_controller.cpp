// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/project/project_file.h"
#include "made_run.h"
#include "opened_run.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {

class RunControllerTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  /// A run is started and refused without any page.
  void tellsWhatKeepsARunFromStarting() {
    Opened opened(m_folder.filePath(QStringLiteral("red")));
    QTRY_VERIFY(opened.run.state() == RunState::stopped);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    QSignalSpy waiting(&opened.controller, &RunController::waitingChanged);
    opened.controller.start();
    QVERIFY(!waiting.isEmpty() && !waiting.last()[0].toString().isEmpty());
    QTRY_COMPARE(opened.messages.value(opened.messages.size() - 1).button, QStringLiteral("Start anyway"));
    QCOMPARE(opened.messages.last().text, QStringLiteral("Disk: checkpoints take 14 GiB. Free some space."));
    QVERIFY(waiting.last()[0].toString().isEmpty());
    QVERIFY(opened.document.isModified());  // nobody asked to save it
    QCOMPARE(load_project(opened.made.project_file).name, std::string("made"));
    QCOMPARE(opened.messages.last().page, QStringLiteral("project"));
    const QString started = m_folder.filePath(QStringLiteral("red/started"));
    QVERIFY(!QFile::exists(started));
    opened.messages.last().action();
    QTRY_VERIFY(QFile::exists(started));
    QVERIFY(!opened.controller.isResuming());
    // The engine gets the project as it is in the window.
    QFile text(m_folder.filePath(QStringLiteral("red/started-with")));
    QTRY_VERIFY(text.exists());
    QByteArray given;
    QVERIFY(text.open(QIODevice::ReadOnly));
    QTRY_VERIFY((given += text.readAll()).contains("\"name\": \"full disk\""));
    QVERIFY(opened.document.isModified());
    QCOMPARE(load_project(opened.made.project_file).name, std::string("made"));
  }

  /// What is wrong with a stage is mended on the Stages page.
  void leadsToThePageOfAStage() {
    Opened opened(m_folder.filePath(QStringLiteral("stage")));
    QTRY_VERIFY(opened.run.state() == RunState::stopped);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "no loss"; });
    opened.controller.start();
    QTRY_COMPARE(opened.messages.value(opened.messages.size() - 1).button, QStringLiteral("Start anyway"));
    QVERIFY(opened.messages.last().text.startsWith(QStringLiteral("Stage DPT: ")));
    QCOMPARE(opened.messages.last().page, QStringLiteral("stages"));
  }

  void resumesTheRunThatIsShown() {
    Opened opened(m_folder.filePath(QStringLiteral("resume")));
    QTRY_VERIFY(opened.run.state() == RunState::stopped);
    QSignalSpy failed(&opened.controller, &RunController::engineFailed);
    opened.controller.resume();
    QVERIFY(opened.controller.isResuming());
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(opened.messages.last().button, QStringLiteral("Accept and resume"));
  }

  /// A start that waits for the check of one project doesn't start the next one.
  void aStartGoesWithItsProject() {
    Opened opened(m_folder.filePath(QStringLiteral("one")));
    const MadeRun other = make_run(toPath(m_folder.filePath(QStringLiteral("other"))));
    QTRY_VERIFY(opened.run.state() == RunState::stopped);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });
    opened.document.save();
    QTRY_VERIFY(!opened.document.isModified());
    QSignalSpy waiting(&opened.controller, &RunController::waitingChanged);
    opened.controller.start();
    opened.document.open(toQString(other.project_file));
    QTRY_COMPARE(opened.document.path(), toQString(other.project_file));
    QVERIFY(waiting.last()[0].toString().isEmpty());
    ProjectCheck* check = ProjectCheck::of(&opened.document);
    check->check();
    QTRY_VERIFY(check->isCurrent());
    QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("other/started"))));
    QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("one/started"))));
  }

  /// Whoever doesn't wait for the check starts one run, also when the check ends.
  void startsNow() {
    Opened opened(m_folder.filePath(QStringLiteral("now")));
    change(opened);
    opened.controller.start();
    QCOMPARE(opened.messages.last().button, QStringLiteral("Start now"));
    opened.messages.last().action();
    QTRY_COMPARE(opened.starts(), 1);
    QTRY_VERIFY(ProjectCheck::of(&opened.document)->isCurrent());
    QTest::qWait(200);
    QCOMPARE(opened.starts(), 1);
  }

  /// An edit while the check goes on keeps the run from starting, and that is said.
  void saysThatAnEditCameBetween() {
    Opened opened(m_folder.filePath(QStringLiteral("edited")));
    change(opened);
    opened.controller.start();
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "edited meanwhile"; });
    QTRY_COMPARE(opened.messages.last().button, QStringLiteral("Start"));
    QCOMPARE(opened.starts(), 0);
    opened.messages.last().action();
    QTRY_COMPARE(opened.starts(), 1);
  }

  /// A resume takes the place of a start that still waits for its check.
  void aResumeTakesThePlaceOfAWaitingStart() {
    Opened opened(m_folder.filePath(QStringLiteral("either")));
    change(opened);
    opened.controller.start();
    opened.controller.resume();
    QTRY_COMPARE(opened.starts(), 1);
    QTRY_VERIFY(ProjectCheck::of(&opened.document)->isCurrent());
    QTest::qWait(200);
    QCOMPARE(opened.starts(), 1);
    QVERIFY(opened.controller.isResuming());
  }

  void needsAProject() {
    ProjectDocument document;
    RunWatcher run;
    RunController controller(&document, &run);
    QSignalSpy waiting(&controller, &RunController::waitingChanged);
    controller.start();
    controller.resume();
    QVERIFY(waiting.isEmpty());
    QCOMPARE(run.state(), RunState::none);
  }

 private:
  struct Opened : OpenedRun {
    explicit Opened(const QString& folder) : OpenedRun(make_run(toPath(folder))) {
      QObject::connect(&controller, &RunController::messageRaised, &controller,
                       [this](const RunMessage& message) { messages << message; });
      open();
    }
    /// How often the engine was started.
    int starts() const {
      QFile file(toQString(made.project_file.parent_path() / "started"));
      return file.open(QIODevice::ReadOnly) ? int(file.readAll().count('\n')) : 0;
    }
    QList<RunMessage> messages;
    RunController controller{&document, &run};
  };
  /// What was checked before isn't the project any more.
  static void change(Opened& opened) {
    QTRY_VERIFY(opened.run.state() == RunState::stopped);
    opened.document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "another"; });
    opened.document.save();
    QTRY_VERIFY(!opened.document.isModified());
  }
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunControllerTest)
#include "tst_run_controller.moc"
