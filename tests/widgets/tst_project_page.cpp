// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QTest>

#include "made_project.h"
#include "page_picture.h"
#include "widgets/document/project_facts.h"
#include "widgets/forms/option_form.h"
#include "widgets/forms/path_edit.h"
#include "widgets/project/fit_card.h"
#include "widgets/project/model_card.h"
#include "widgets/project/probe_strip.h"
#include "widgets/project/project_page.h"

using namespace llavakd;

namespace {

// What the window system sends when something is dropped on a widget.
void drop(QWidget* target, const QStringList& files) {
  QMimeData data;
  QList<QUrl> urls;
  for (const QString& file : files) urls << QUrl::fromLocalFile(file);
  data.setUrls(urls);
  QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &enter);
  if (!enter.isAccepted()) return;
  QDropEvent event({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &event);
}

}  // namespace

class ProjectPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Two folders that don't fit: each red cell says why and what to do.
  void saysWhyAPairDoesNotFit() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page;
    page.resize(1280, 1000);
    page.setDocument(&document);
    QVERIFY(made.open(document));
    page.show();
    const QString models = QStringLiteral(LLAVAKD_TEST_DATA_DIR "/models/");
    document.edit(QStringLiteral("choose"), [&](Project& project) {
      project.teacher.checkpoint = (models + QStringLiteral("llama_clip")).toStdString();
      project.student = {.checkpoint = (models + QStringLiteral("untied")).toStdString()};
    });
    QTRY_VERIFY(ProjectFacts::of(&document)->result().rows.size() > 10);
    QStringList shown;
    for (const auto* label : page.findChild<FitCard*>()->findChildren<QLabel*>()) shown << label->text();
    int red = 0;
    for (const MatchFact& fact : ProjectFacts::of(&document)->result().rows) {
      if (fact.level != MatchLevel::red) continue;
      ++red;
      QVERIFY2(!fact.remedy.empty() && shown.contains(QString::fromStdString(fact.remedy)), fact.name.c_str());
    }
    QVERIFY(red >= 4);  // tokenizer, image size and processor, visual tokens
    takePicture(&page, QStringLiteral("project-no-fit"));
  }

  void takesDroppedFoldersAndPictures() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page;
    page.setDocument(&document);
    QVERIFY(made.open(document));
    page.show();
    QDir().mkpath(made.path(QStringLiteral("models/t")));
    const auto cards = page.findChildren<ModelCard*>();
    QCOMPARE(cards.size(), 2);
    drop(cards[0], {made.path(QStringLiteral("models/t"))});
    QCOMPARE(document.project().teacher.checkpoint, std::string("models/t"));
    drop(cards[1], {made.file()});  // not a folder
    QCOMPARE(document.project().student.checkpoint, std::string("student"));

    auto* probes = page.findChild<ProbeStrip*>();
    QCOMPARE(probes->list()->count(), 1);
    drop(probes, {made.path(QStringLiteral("images/b.png")), made.file()});
    QCOMPARE(document.project().probes.size(), size_t(2));
    QCOMPARE(document.project().probes[1].image, std::string("images/b.png"));
    QCOMPARE(probes->list()->count(), 2);
    probes->list()->setCurrentRow(0);
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    probes->list()->setFocus();
    QTest::keyClick(probes->list(), Qt::Key_Delete);
    QCOMPARE(document.project().probes.size(), size_t(1));
    document.undoStack()->undo();
    document.undoStack()->undo();
    document.undoStack()->undo();
    QVERIFY(!document.isModified());
  }

  void namesWhatIsWrongWithAModelFolder() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page;
    page.setDocument(&document);
    QSignalSpy facts(ProjectFacts::of(&document), &ProjectFacts::changed);
    QVERIFY(made.open(document));
    QTRY_VERIFY(ProjectFacts::of(&document)->result().hasStudent);
    QVERIFY(!ProjectFacts::of(&document)->result().student.faults.empty());
    QVERIFY(!ProjectFacts::of(&document)->result().hasTeacher);
  }

  void studentIsACheckpointOrParts() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page;
    page.setDocument(&document);
    QVERIFY(made.open(document));
    page.show();
    ModelCard* student = page.findChildren<ModelCard*>()[1];
    QVERIFY(student->form()->editor(QStringLiteral("checkpoint")));
    auto* source = student->findChild<QComboBox*>(QStringLiteral("source"));
    document.edit(QStringLiteral("clear"), [](Project& project) { project.student = {}; });
    source->setFocus();
    QTest::keyClick(source, Qt::Key_Down);
    QCOMPARE(source->currentIndex(), 1);
    auto* language = qobject_cast<PathEdit*>(student->form()->editor(QStringLiteral("language_model")));
    QVERIFY(language);
    QTest::keyClicks(language->line(), QStringLiteral("lm"));
    QCOMPARE(document.project().student.language_model, std::string("lm"));
    QCOMPARE(document.undoStack()->undoText(), QStringLiteral("change language model"));
  }
};

QTEST_MAIN(ProjectPageTest)
#include "tst_project_page.moc"
