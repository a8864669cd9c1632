// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "made_project.h"

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
};

QTEST_MAIN(ProjectDocumentTest)
#include "tst_project_document.moc"
