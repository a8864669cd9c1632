// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "made_project.h"
#include "widgets/document/project_file_watch.h"

using namespace llavakd;

class ProjectDocumentTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void opensEditsUndoesAndSaves() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    QCOMPARE(document.name(), QStringLiteral("small"));
    QVERIFY(!document.isModified());
    QSignalSpy modified(&document, &ProjectDocument::modifiedChanged);
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "other"; });
    QVERIFY(document.isModified());
    QCOMPARE(modified.count(), 1);
    document.undoStack()->undo();
    QVERIFY(!document.isModified());
    QCOMPARE(document.name(), QStringLiteral("small"));
    document.undoStack()->redo();
    bool ok = false;
    QSignalSpy saved(&document, &ProjectDocument::saved);
    document.save([&](bool result) { ok = result; });
    QVERIFY(saved.wait(5000));
    QVERIFY(ok);
    QVERIFY(!document.isModified());
    QCOMPARE(load_project(toPath(made.file())).name, std::string("other"));
  }

  void mergesASlidersMovesAndDropsWhatChangesNothing() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    for (const double weight : {0.1, 0.2, 0.3})
      document.edit(
          QStringLiteral("weight"), [&](Project& project) { project.stages[0].terms[0].weight = weight; },
          QStringLiteral("w"));
    QCOMPARE(document.undoStack()->count(), 1);
    document.edit(QStringLiteral("nothing"), [](Project&) {});
    QCOMPARE(document.undoStack()->count(), 1);
    document.undoStack()->undo();
    QCOMPARE(document.project().stages[0].terms[0].weight, 1.0);
  }

  void keepsPathsRightWhenSavedElsewhere() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    QDir().mkpath(made.path(QStringLiteral("sub/folder")));
    QSignalSpy saved(&document, &ProjectDocument::saved);
    document.saveAs(made.path(QStringLiteral("sub/folder/copy")));
    QVERIFY(saved.wait(5000));
    QCOMPARE(document.path(), made.path(QStringLiteral("sub/folder/copy.kdproj")));
    QCOMPARE(document.project().stages[0].data, std::string("../../data.json"));
    QCOMPARE(document.project().probes[0].image, std::string("../../images/a.png"));
    QCOMPARE(QDir::cleanPath(document.resolve(document.project().stages[0].data)),
             made.path(QStringLiteral("data.json")));
  }

  /// Under another name it is another project: title, name and file say the same.
  void isCalledLikeItsFileWhenSavedElsewhere() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    QSignalSpy saved(&document, &ProjectDocument::saved);
    document.saveAs(made.path(QStringLiteral("second.kdproj")));
    QVERIFY(saved.wait(5000));
    QCOMPARE(document.name(), QStringLiteral("second"));
    QCOMPARE(load_project(toPath(made.path(QStringLiteral("second.kdproj")))).name, std::string("second"));
    QCOMPARE(load_project(toPath(made.file())).name, std::string("small"));
    QVERIFY(!document.isModified());
  }

  /// Nothing that another program wrote is written over without asking.
  void refusesToSaveOverAChangedFile() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    changeSeed(made, 77);
    document.edit(QStringLiteral("weight"), [](Project& project) { project.stages[0].terms[0].weight = 0.3; });
    QSignalSpy refused(&document, &ProjectDocument::saveRefused), saved(&document, &ProjectDocument::saved);
    bool ok = true;
    document.save([&](bool result) { ok = result; });
    QVERIFY(refused.wait(5000));
    QVERIFY(!ok && document.isModified());
    QCOMPARE(load_project(toPath(made.file())).run.seed, int64_t(77));
    const auto change = refused[0][0].value<OutsideChange>();
    QVERIFY(change.kind == OutsideChange::Kind::changed);

    document.merge(change.project);
    QCOMPARE(document.project().run.seed, int64_t(77));
    QCOMPARE(document.project().stages[0].terms[0].weight, 0.3);
    document.save();
    QVERIFY(saved.wait(5000));
    QVERIFY(!document.isModified());
    const Project file = load_project(toPath(made.file()));
    QVERIFY(file == document.project());
    document.undoStack()->undo();  // the merge
    QVERIFY(document.isModified());
    QCOMPARE(document.project().run.seed, MadeProject::project().run.seed);
  }

  void reloadsAsAStepThatCanBeUndone() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "mine"; });
    const Project theirs = changeSeed(made, 77);
    document.reload(theirs);
    QVERIFY(document.project() == theirs && !document.isModified());
    document.undoStack()->undo();
    QCOMPARE(document.name(), QStringLiteral("mine"));
    QVERIFY(document.isModified());
  }

  void keepsWhatTheWindowHas() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    const Project mine = document.project();
    document.acceptFile(changeSeed(made, 77));
    QVERIFY(document.isModified());  // the file is another now
    QSignalSpy saved(&document, &ProjectDocument::saved);
    document.save();
    QVERIFY(saved.wait(5000));
    QVERIFY(load_project(toPath(made.file())) == mine);
  }

  /// The watch tells each change of the file once, and none of our own.
  void noticesWhatOtherProgramsDo() {
    MadeProject made;
    ProjectDocument document;
    ProjectFileWatch watch(&document);
    QSignalSpy changed(&watch, &ProjectFileWatch::changedOutside), settled(&watch, &ProjectFileWatch::settled);
    QVERIFY(made.open(document));
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "mine"; });
    document.save();
    QTRY_VERIFY(!document.isModified());
    QTest::qWait(700);
    QCOMPARE(changed.size(), 0);
    const Project before = document.project();
    changeSeed(made, 77);
    QTRY_COMPARE(changed.size(), 1);
    QVERIFY(changed[0][0].value<OutsideChange>().kind == OutsideChange::Kind::changed);
    watch.look();
    QTest::qWait(300);
    QCOMPARE(changed.size(), 1);
    save_project(before, toPath(made.file()));
    QTRY_COMPARE(settled.size(), 1);
    made.write(QStringLiteral("small.kdproj"), "{ \"format\": ");
    QTRY_COMPARE(changed.size(), 2);
    QVERIFY(changed[1][0].value<OutsideChange>().kind == OutsideChange::Kind::unreadable);
    QVERIFY(QFile::remove(made.file()));
    QTRY_COMPARE(changed.size(), 3);
    QVERIFY(changed[2][0].value<OutsideChange>().kind == OutsideChange::Kind::missing);
  }

  void saysWhatIsWrongAndKeepsWhatIsOpen() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    made.write(QStringLiteral("broken.kdproj"), "{ \"format\": ");
    QSignalSpy failed(&document, &ProjectDocument::openFailed);
    document.open(made.path(QStringLiteral("broken.kdproj")));
    QVERIFY(failed.wait(5000));
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("broken.kdproj")));
    QCOMPARE(document.path(), made.file());
    QSignalSpy saveFailed(&document, &ProjectDocument::saveFailed);
    document.saveAs(made.path(QStringLiteral("missing/folder/x.kdproj")));
    QVERIFY(saveFailed.wait(5000));
    QCOMPARE(document.path(), made.file());
  }

  void closes() {
    MadeProject made;
    ProjectDocument document;
    QVERIFY(made.open(document));
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "other"; });
    document.close();
    QVERIFY(!document.isOpen());
    QVERIFY(!document.isModified());
    QVERIFY(document.path().isEmpty());
  }

 private:
  /// As an editor does it; returns what the file holds then.
  static Project changeSeed(const MadeProject& made, int64_t seed) {
    Project project = load_project(toPath(made.file()));
    project.run.seed = seed;
    save_project(project, toPath(made.file()));
    return project;
  }
};

QTEST_MAIN(ProjectDocumentTest)
#include "tst_project_document.moc"
