// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <nlohmann/json.hpp>

#include "made_project.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/document/project_facts.h"
#include "widgets/forms/option_form.h"
#include "widgets/forms/path_edit.h"
#include "widgets/pages/project/check_card.h"
#include "widgets/pages/project/estimate_table.h"
#include "widgets/pages/project/fit_card.h"
#include "widgets/pages/project/fix_bar.h"
#include "widgets/pages/project/level_mark.h"
#include "widgets/pages/project/model_card.h"
#include "widgets/pages/project/probe_strip.h"
#include "widgets/pages/project/project_page.h"

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

// Labels below a widget that were painted with less height than one line of them takes.
class SqueezedLabels : public QObject {
 public:
  explicit SqueezedLabels(QWidget* page) : m_page(page) { qApp->installEventFilter(this); }
  QStringList found;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    const auto* label = event->type() == QEvent::Paint ? qobject_cast<QLabel*>(watched) : nullptr;
    if (label && m_page->isAncestorOf(label) && !label->text().isEmpty() &&
        label->height() < label->fontMetrics().height())
      found << label->text();
    return false;
  }

 private:
  QWidget* m_page;
};

}  // namespace

class ProjectPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Two folders that don't fit: each red cell says why and what to do.
  void saysWhyAPairDoesNotFit() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1000);
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
    ProjectPage page(&document);
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
    QTRY_COMPARE(document.project().probes.size(), size_t(2));
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

  /// What `llavakd check` says of the project as it stands in the window, the worst first.
  void showsTheWholeCheck() {
    MadeProject made;
    const QByteArray path = qgetenv("PATH");
    write_made_engine(toPath(made.path(QString())));
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1200);
    QVERIFY(made.open(document));
    page.show();
    auto* card = page.findChild<CheckCard*>();
    QTRY_COMPARE(card->verdict(), QStringLiteral("Ready, with limits"));
    document.edit(QStringLiteral("rename"), [](Project& project) { project.name = "full disk"; });  // not saved
    QCOMPARE(card->verdict(), QStringLiteral("Checking…"));
    QTRY_COMPARE(card->verdict(), QStringLiteral("Not ready"));
    QStringList shown;
    for (const auto* label : card->findChildren<QLabel*>()) shown << label->text();
    const auto disk = shown.indexOf(QStringLiteral("checkpoints take 14 GiB"));
    QVERIFY2(disk >= 0 && disk < shown.indexOf(QStringLiteral("no end token")), qPrintable(shown.join(u'|')));
    QVERIFY(shown.contains(QStringLiteral("Free some space.")));
    QVERIFY(shown.contains(QStringLiteral("Vision cache")) &&
            shown.contains(QStringLiteral("off: 2 pictures take 36 KB")));
    takePicture(&page, QStringLiteral("project-check"));
    qputenv("PATH", path);
  }

  /// Rows that come are painted only in the room that they need, whatever else is painted meanwhile.
  void isNeverPaintedSqueezed() {
    MadeProject made;
    const QByteArray path = qgetenv("PATH");
    write_made_engine(toPath(made.path(QString())));
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 700);
    QVERIFY(made.open(document));
    page.show();
    SqueezedLabels squeezed(&page);
    QTimer repaints;
    connect(&repaints, &QTimer::timeout, &page, qOverload<>(&QWidget::update));
    repaints.start(0);
    auto* card = page.findChild<CheckCard*>();
    QTRY_COMPARE(card->verdict(), QStringLiteral("Ready, with limits"));
    QTest::qWait(100);
    qputenv("PATH", path);
    QVERIFY2(squeezed.found.isEmpty(), qPrintable(squeezed.found.join(u'|')));
  }

  /// A finding's button changes the project; what it had said is marked as old until the next check.
  void aButtonMendsAFinding() {
    MadeProject made;
    const QByteArray path = qgetenv("PATH");
    write_made_engine(toPath(made.path(QString())));
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1200);
    QVERIFY(made.open(document));
    page.show();
    auto* card = page.findChild<CheckCard*>();
    QTRY_COMPARE(card->verdict(), QStringLiteral("Ready, with limits"));
    qputenv("PATH", path);
    auto* bar = card->findChild<FixBar*>();
    QVERIFY(bar && bar->isEnabled());
    auto* button = bar->findChild<QPushButton*>();
    QCOMPARE(button->text(), QStringLiteral("Use no_system"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(document.project().conversation_template, std::string("no_system"));
    QCOMPARE(document.undoStack()->undoText(), QStringLiteral("Use no_system"));
    QCOMPARE(card->verdict(), QStringLiteral("Checking…"));
    QVERIFY(!card->findChild<FixBar*>()->isEnabled());
  }

  /// What a stage will take; its time is known when steps have been measured.
  void leadsToTheSamplesLeftOut() {
    ProjectDocument document;
    FixBar bar({samples_fix("stages[1]")}, &document);
    bar.show();
    QSignalSpy asked(&bar, &FixBar::samplesRequested);
    QTest::mouseClick(bar.findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toString(), QStringLiteral("stages[1]"));
  }

  void showsWhatStagesTake() {
    MadeProject made;
    const QByteArray path = qgetenv("PATH");
    write_made_engine(toPath(made.path(QString())));
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1200);
    QVERIFY(made.open(document));
    page.show();
    ProjectCheck* check = ProjectCheck::of(&document);
    QTRY_VERIFY(check->result().estimate(QStringLiteral("DPT")));
    QCOMPARE(check->result().estimate(QStringLiteral("DPT"))->sentence(),
             QStringLiteral("38.2\u202fGiB memory, 286\u202fMiB disk"));
    auto* card = page.findChild<CheckCard*>();
    QTRY_VERIFY(card->findChild<EstimateTable*>());
    auto* measure = card->findChild<QPushButton*>(QStringLiteral("measure"));
    QTest::mouseClick(measure, Qt::LeftButton);
    QCOMPARE(card->verdict(), QStringLiteral("Measuring…"));
    QTRY_COMPARE(check->result().estimate(QStringLiteral("DPT"))->sentence(),
                 QStringLiteral("about 3 h 10 min, 38.2\u202fGiB memory, 286\u202fMiB disk"));
    QTRY_VERIFY(!check->isRunning());
    auto* fold = card->findChild<QToolButton*>(QStringLiteral("parts"));
    QVERIFY(fold);
    QTest::mouseClick(fold, Qt::LeftButton);
    QStringList shown;
    for (const auto* label : card->findChildren<QLabel*>())
      if (label->isVisible()) shown << label->text();
    QVERIFY2(shown.contains(QStringLiteral("Activations")) && shown.contains(QStringLiteral("18.6\u202fGiB")),
             qPrintable(shown.join(u'|')));
    takePicture(&page, QStringLiteral("project-estimates"));
    qputenv("PATH", path);
  }

  void itemisesTimeMemoryAndDisk() {
    const auto json = nlohmann::json::parse(
        R"([{"stage":"DPT","steps":40,"seconds":200,"memory_bytes":4e9,"predicted_memory_bytes":5e9,"disk_bytes":3e8,)"
        R"("time":{"vision":50,"teacher":0,"student":140,"optimizer":10},"memory":{"gradients":1073741824},)"
        R"("disk":{"checkpoints":3e8,"caches":0}}])");
    const EstimateTable table(readEstimates(json), true);
    QStringList texts;
    for (const auto* label : table.findChildren<QLabel*>()) texts << label->text();
    const QString all = texts.join(u'|');
    QVERIFY2(all.contains(QStringLiteral("Vision tower|50 s|Student, losses and data|2 min 20 s|Optimizer|10 s")),
             qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("Gradients|1.00\u202fGiB")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("Checkpoints|286\u202fMiB")), qPrintable(all));
    QVERIFY2(!all.contains(QStringLiteral("Caches")), qPrintable(all));
  }

  /// A model that isn't there is one row, and nothing gets a tick for "0 × 0".
  void aMissingModelIsOneRow() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    QVERIFY(made.open(document));
    page.show();
    document.edit(QStringLiteral("choose"), [](Project& project) {
      project.teacher.checkpoint = "checkpoints/TinyLLaVA-Qwen2.5-3B-SigLIP";
      project.student.checkpoint = LLAVAKD_TEST_DATA_DIR "/models/untied";
    });
    QTRY_VERIFY(ProjectFacts::of(&document)->result().rows.size() == 1);
    auto* fit = page.findChild<FitCard*>();
    QCOMPARE(fit->findChild<StateBadge*>()->text(), QStringLiteral("Not found"));
    QCOMPARE(fit->findChildren<LevelMark*>().size(), 1);
  }

  /// What is being read isn't shown as if nothing had been chosen.
  void readingIsNotEmptiness() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    page.show();
    const auto summary = [&](int card) {
      return page.findChildren<ModelCard*>()[card]->findChild<TextLabel*>(QStringLiteral("summary"))->text();
    };
    QStringList seen;
    const ProjectFacts* facts = ProjectFacts::of(&document);
    connect(facts, &ProjectFacts::changed, &page, [&] {
      if (facts->isLoading()) seen << summary(0) + u'|' + summary(1);
    });
    QVERIFY(made.open(document));
    QCOMPARE(seen, QStringList(QStringLiteral("|Reading…")));  // it has no teacher
    QTRY_VERIFY(!facts->isLoading());
    QVERIFY(summary(1) != QStringLiteral("Reading…"));
  }

  /// What fits takes one line until somebody wants to read it; what differs comes first.
  void whatFitsIsFolded() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1000);
    QVERIFY(made.open(document));
    page.show();
    const QString models = QStringLiteral(LLAVAKD_TEST_DATA_DIR "/models/");
    document.edit(QStringLiteral("choose"), [&](Project& project) {
      project.teacher.checkpoint = (models + QStringLiteral("llama_clip")).toStdString();
      project.student = {.checkpoint = (models + QStringLiteral("untied")).toStdString()};
    });
    QTRY_VERIFY(ProjectFacts::of(&document)->result().rows.size() > 10);
    auto* fit = page.findChild<FitCard*>();
    const auto visibleMarks = [&] {
      qsizetype visible = 0;
      for (const auto* mark : fit->findChildren<LevelMark*>()) visible += mark->isVisible() ? 1 : 0;
      return visible;
    };
    QTRY_VERIFY(visibleMarks() >= 4);  // new widgets are shown from the event loop
    QVERIFY(visibleMarks() < fit->findChildren<LevelMark*>().size());
    auto* fold = fit->findChild<QToolButton*>(QStringLiteral("fitting"));
    QVERIFY(fold);
    QTest::mouseClick(fold, Qt::LeftButton);
    QCOMPARE(visibleMarks(), fit->findChildren<LevelMark*>().size());
  }

  /// A model's folder that goes while the project is open is noticed, and so is its return.
  void noticesThatAFolderGoes() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    QVERIFY(made.open(document));
    page.show();
    QVERIFY(QDir().mkpath(made.path(QStringLiteral("t"))));
    document.edit(QStringLiteral("choose"), [](Project& project) { project.teacher.checkpoint = "t"; });
    QTRY_VERIFY(ProjectFacts::of(&document)->result().hasTeacher);
    QVERIFY(ProjectFacts::of(&document)->result().teacher.missing.empty());
    QTest::qWait(100);  // the first look at the files
    QVERIFY(QDir(made.path(QStringLiteral("t"))).removeRecursively());
    QTRY_COMPARE_WITH_TIMEOUT(ProjectFacts::of(&document)->result().teacher.missing.size(), size_t(1), 10000);
    QVERIFY(QDir().mkpath(made.path(QStringLiteral("t"))));
    QTRY_VERIFY_WITH_TIMEOUT(ProjectFacts::of(&document)->result().teacher.missing.empty(), 10000);
  }

  /// What is known of a model appears below its path, which stays where it is being typed.
  void theChoiceStaysInPlace() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(1280, 1000);
    QVERIFY(made.open(document));
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    ModelCard* teacher = page.findChildren<ModelCard*>()[0];
    auto* path = qobject_cast<PathEdit*>(teacher->form()->editor(QStringLiteral("checkpoint")));
    QVERIFY(path);
    const QPoint before = path->mapTo(&page, QPoint());
    path->line()->setFocus();
    QTest::keyClicks(path->line(), QStringLiteral(LLAVAKD_TEST_DATA_DIR "/models/untied"));
    auto* summary = teacher->findChild<QLabel*>(QStringLiteral("summary"));
    QTRY_VERIFY(summary->isVisible() && summary->text().contains(QStringLiteral("tokens a picture")));
    QCOMPARE(path->mapTo(&page, QPoint()), before);
    auto* details = teacher->findChild<QToolButton*>(QStringLiteral("details"));
    const auto labels = [&] {
      qsizetype visible = 0;
      for (const auto* label : teacher->findChildren<ElidedLabel*>()) visible += label->isVisible() ? 1 : 0;
      return visible;
    };
    QCOMPARE(labels(), 0);
    QTest::mouseClick(details, Qt::LeftButton);
    QVERIFY(labels() > 4);
  }

  void settingsStayReadableOnAWideScreen() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    page.resize(2560, 1400);
    QVERIFY(made.open(document));
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    QVERIFY(page.findChild<QWidget*>(QStringLiteral("settings"))->width() <= 960);
  }

  /// A probe's question is edited under its picture.
  void questionsAreEditedInPlace() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    QVERIFY(made.open(document));
    page.show();
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QListWidget* list = page.findChild<ProbeStrip*>()->list();
    QCOMPARE(list->count(), 1);
    list->setCurrentRow(0);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Return);
    QTRY_VERIFY(list->findChild<QLineEdit*>());
    auto* editor = list->findChild<QLineEdit*>();
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("Which colour?"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(document.project().probes[0].question, std::string("Which colour?"));
    document.undoStack()->undo();
    QCOMPARE(document.project().probes[0].question, std::string("What is it?"));
    QCOMPARE(list->item(0)->text(), QStringLiteral("What is it?"));
  }

  /// Without an engine nothing is called ready.
  void saysThatNothingWasChecked() {
    MadeProject made;
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nowhere");
    ProjectDocument document;
    ProjectPage page(&document);
    const bool opened = made.open(document);
    auto* card = page.findChild<CheckCard*>();
    const bool said = QTest::qWaitFor([&] { return card->verdict() == QStringLiteral("Not checked"); });
    qputenv("PATH", path);
    QVERIFY(opened && said);
  }

  /// A file with a picture's name and no picture in it is refused with its reason, and so is one that became one.
  void takesOnlyPicturesAsProbes() {
    MadeProject made;
    made.write(QStringLiteral("images/text.png"), "no picture");
    QFile::remove(made.path(QStringLiteral("images/a.png")));  // the project's own probe
    ProjectDocument document;
    ProjectPage page(&document);
    QVERIFY(made.open(document));
    page.show();
    auto* probes = page.findChild<ProbeStrip*>();
    QTRY_VERIFY(probes->list()->item(0)->toolTip().contains(QStringLiteral("a.png")) &&
                !probes->list()->item(0)->data(Qt::AccessibleDescriptionRole).toString().isEmpty());
    drop(probes, {made.path(QStringLiteral("images/text.png"))});
    QTRY_VERIFY(probes->message()->isVisible());
    QVERIFY2(probes->message()->text().contains(QStringLiteral("text.png")), qPrintable(probes->message()->text()));
    QCOMPARE(document.project().probes.size(), size_t(1));
    takePicture(&page, QStringLiteral("project-no-picture"));
    drop(probes, {made.path(QStringLiteral("images/b.png")), made.path(QStringLiteral("images/text.png"))});
    QTRY_COMPARE(document.project().probes.size(), size_t(2));
    QVERIFY(probes->message()->isVisible());
    drop(probes, {made.path(QStringLiteral("images/b.png"))});
    QVERIFY(!probes->message()->isVisible());
  }

  void namesWhatIsWrongWithAModelFolder() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    QSignalSpy facts(ProjectFacts::of(&document), &ProjectFacts::changed);
    QVERIFY(made.open(document));
    QTRY_VERIFY(ProjectFacts::of(&document)->result().hasStudent);
    QVERIFY(!ProjectFacts::of(&document)->result().student.faults.empty());
    QVERIFY(!ProjectFacts::of(&document)->result().hasTeacher);
  }

  /// What the choice of the student's form says stays, whatever the project holds.
  void theStudentsFormStays() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
    QVERIFY(made.open(document));
    page.show();
    ModelCard* student = page.findChildren<ModelCard*>()[1];
    auto* source = student->findChild<QComboBox*>(QStringLiteral("source"));
    const auto parts = [](Project& project) {
      project.student = {};
      project.student.language_model = "lm";
      project.student.vision_tower = "tower";
    };
    document.edit(QStringLiteral("parts"), parts);
    QCOMPARE(source->currentIndex(), 1);
    source->setFocus();
    QTest::keyClick(source, Qt::Key_Up);
    QCOMPARE(source->currentIndex(), 0);
    auto* checkpoint = qobject_cast<PathEdit*>(student->form()->editor(QStringLiteral("checkpoint")));
    QVERIFY(checkpoint);
    document.edit(QStringLiteral("something else"), [](Project& project) { project.run.seed = 7; });
    QCOMPARE(source->currentIndex(), 0);
    QTest::keyClicks(checkpoint->line(), QStringLiteral("c"));
    QCOMPARE(document.project().student, StudentOptions{.checkpoint = "c"});
    document.undoStack()->undo();
    QCOMPARE(source->currentIndex(), 1);  // it is made of parts again
  }

  void studentIsACheckpointOrParts() {
    MadeProject made;
    ProjectDocument document;
    ProjectPage page(&document);
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
