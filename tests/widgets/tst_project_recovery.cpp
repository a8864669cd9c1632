// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <QCoreApplication>
#include <QProcess>
#include <QTest>
#include <cstdio>
#include <cstring>

#include "made_project.h"
#include "widgets/document/project_changes.h"
#include "widgets/document/project_recovery.h"

using namespace llavakd;

namespace {

Project editedProject(const char* name) {
  Project project = MadeProject::project();
  project.name = name;
  return project;
}

QStringList filesIn(const QString& folder) {
  return QDir(folder).entryList(QDir::Files | QDir::Hidden);
}

// What another window does until it is killed: `FOLDER PROJECT NAME`.
int editAndWait(char** words) {
  RecoveryFile file(QString::fromLocal8Bit(words[0]), QString::fromLocal8Bit(words[1]));
  std::puts(file.write(editedProject(words[2]), MadeProject::project()) ? "written" : "failed");
  std::fflush(stdout);
  ::pause();
  return 0;
}

}  // namespace

class ProjectRecoveryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Edits are kept on disk while they aren't saved, and nowhere afterwards.
  void keepsWhatIsNotSaved() {
    MadeProject made;
    ProjectDocument document;
    new ProjectRecovery(&document);
    QVERIFY(made.open(document));
    QTest::qWait(1500);
    QVERIFY(filesIn(recoveryFolder()).isEmpty());
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "kept"; });
    QTRY_COMPARE(filesIn(recoveryFolder()).size(), 2);  // and its lock
    QCOMPARE(load_project(toPath(made.file())).name, std::string("small"));
    document.save();
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "again"; });
    QTRY_COMPARE(filesIn(recoveryFolder()).size(), 2);
    document.undoStack()->undo();
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
    document.undoStack()->redo();
    QTRY_COMPARE(filesIn(recoveryFolder()).size(), 2);
    document.close();  // the user let go of them
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
  }

  void aCleanEndLeavesNothing() {
    MadeProject made;
    {
      ProjectDocument document;
      new ProjectRecovery(&document);
      QVERIFY(made.open(document));
      document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "kept"; });
      QTRY_COMPARE(filesIn(recoveryFolder()).size(), 2);
    }
    QVERIFY(filesIn(recoveryFolder()).isEmpty());
  }

  /// A window that is killed loses nothing; while it lives, its edits are its own.
  void findsWhatAKilledWindowLeft() {
    MadeProject made;
    QProcess other;
    startOther(other, made, "from the other");
    QVERIFY(QTest::qWaitFor([&] { return other.readAllStandardOutput().contains("written"); }, 20000));
    {
      ProjectDocument document;
      ProjectRecovery recovery(&document);
      QSignalSpy looked(&recovery, &ProjectRecovery::foundChanged);
      QVERIFY(made.open(document));
      QTRY_VERIFY(!looked.isEmpty());
      QVERIFY(!recovery.found());
    }
    other.kill();  // SIGKILL
    QVERIFY(other.waitForFinished(5000));

    ProjectDocument document, second;
    auto* recovery = new ProjectRecovery(&document);
    QVERIFY(made.open(document));
    QTRY_VERIFY(recovery->found());
    QCOMPARE(recovery->found()->project.name, std::string("from the other"));
    QVERIFY(!document.isModified());
    QCOMPARE(projectChangeTexts(document.project(), recovery->found()->project),
             QStringList{QStringLiteral("name from the other (was small)")});
    // A second window doesn't offer the same.
    ProjectRecovery secondRecovery(&second);
    QSignalSpy looked(&secondRecovery, &ProjectRecovery::foundChanged);
    QVERIFY(made.open(second));
    QTRY_VERIFY(!looked.isEmpty());
    QVERIFY(!secondRecovery.found());

    recovery->recover();
    QVERIFY(!recovery->found());
    QCOMPARE(document.name(), QStringLiteral("from the other"));
    QVERIFY(document.isModified());
    QCOMPARE(load_project(toPath(made.file())).name, std::string("small"));
    QCOMPARE(filesIn(recoveryFolder()).size(), 2);  // still kept, for it isn't saved
    document.undoStack()->undo();
    QCOMPARE(document.name(), QStringLiteral("small"));
    document.undoStack()->redo();
    document.save();
    QTRY_COMPARE(load_project(toPath(made.file())).name, std::string("from the other"));
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
  }

  void discardsAndAsksNoMore() {
    MadeProject made;
    leave(made, editedProject("left"));
    ProjectDocument document;
    auto* recovery = new ProjectRecovery(&document);
    QVERIFY(made.open(document));
    QTRY_VERIFY(recovery->found());
    recovery->discard();
    QVERIFY(!recovery->found());
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
    QCOMPARE(document.name(), QStringLiteral("small"));
  }

  /// Undecided, it is offered again; what was saved after all isn't.
  void givesNoFalseAlarm() {
    MadeProject made;
    leave(made, editedProject("left"));
    for (int i = 0; i < 2; ++i) {
      ProjectDocument document;
      ProjectRecovery recovery(&document);
      QVERIFY(made.open(document));
      QTRY_VERIFY(recovery.found());
    }
    save_project(editedProject("left"), toPath(made.file()));
    ProjectDocument document;
    ProjectRecovery recovery(&document);
    QSignalSpy looked(&recovery, &ProjectRecovery::foundChanged);
    QVERIFY(made.open(document));
    QTRY_VERIFY(!looked.isEmpty());
    QVERIFY(!recovery.found());
    QTRY_VERIFY(filesIn(recoveryFolder()).isEmpty());
  }

  /// Options that were changed in the file since stay as they are now.
  void putsWhatChangedSinceTogether() {
    MadeProject made;
    leave(made, editedProject("left"));
    Project since = MadeProject::project();
    since.run.seed = 77;
    save_project(since, toPath(made.file()));
    ProjectDocument document;
    ProjectRecovery recovery(&document);
    QVERIFY(made.open(document));
    QTRY_VERIFY(recovery.found());
    QCOMPARE(recovery.found()->project.name, std::string("left"));
    QCOMPARE(recovery.found()->project.run.seed, int64_t(77));
  }

  void passesOverWhatItCannotRead() {
    MadeProject made;
    leave(made, editedProject("left"));
    QFile bad(recoveryFolder() + QStringLiteral("/bad.json"));
    QVERIFY(bad.open(QIODevice::WriteOnly));
    bad.write("{ \"project_file\": 7 }");
    bad.close();
    ProjectDocument document;
    ProjectRecovery recovery(&document);
    QVERIFY(made.open(document));
    QTRY_VERIFY(recovery.found());
  }

 private:
  /// As a window that was killed leaves it.
  static void leave(const MadeProject& made, const Project& project) {
    RecoveryFile file(recoveryFolder(), made.file());
    QVERIFY(file.write(project, MadeProject::project()));
  }
  static void startOther(QProcess& process, const MadeProject& made, const char* name) {
    process.start(QCoreApplication::applicationFilePath(),
                  {QStringLiteral("--edit-and-wait"), recoveryFolder(), made.file(), QString::fromLatin1(name)});
  }
};

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "--edit-and-wait") == 0) return editAndWait(argv + 2);
  QCoreApplication application(argc, argv);
  ProjectRecoveryTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "tst_project_recovery.moc"
