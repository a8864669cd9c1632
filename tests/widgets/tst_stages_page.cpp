// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QDragEnterEvent>
#include <QGraphicsOpacityEffect>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSlider>
#include <QTest>
#include <QToolButton>

#include "core/data/dataset.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_project.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/data_facts.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

class StagesPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cardsEditTheDocument() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1200, 800);
    QVERIFY(made.open(document));
    page.show();
    QCOMPARE(page.cards().size(), size_t(3));
    StageCard* card = page.cards()[0];
    const auto& stage = [&]() -> const StageOptions& {
      return document.project().stages[0];
    };

    QTest::mouseClick(card->chip("language_model"), Qt::LeftButton);
    QCOMPARE(stage().train, (std::vector<std::string>{"connector", "language_model"}));
    document.undoStack()->undo();
    QCOMPARE(stage().train, (std::vector<std::string>{"connector"}));
    QVERIFY(!card->chip("language_model")->isChecked());

    TermRow* relation = card->terms().back();
    QCOMPARE(relation->term(), std::string("rdist"));
    relation->toggle()->setFocus();
    QTest::keyClick(relation->toggle(), Qt::Key_Space);
    QCOMPARE(stage().terms.size(), size_t(2));
    QCOMPARE(stage().terms[1].term, std::string("rdist"));
    QCOMPARE(stage().terms[1].weight, 0.5);

    QTest::keyClick(relation->slider(), Qt::Key_Right);
    QTest::keyClick(relation->slider(), Qt::Key_Right);
    QCOMPARE(stage().terms[1].weight, 0.6);
    const int steps = document.undoStack()->index();
    document.undoStack()->undo();  // both moves of the slider
    QCOMPARE(document.undoStack()->index(), steps - 1);
    QCOMPARE(stage().terms[1].weight, 0.5);

    relation->number()->selectAll();
    QTest::keyClicks(relation->number(), QStringLiteral("7"));
    QTest::keyClick(relation->number(), Qt::Key_Return);
    QCOMPARE(stage().terms[1].weight, 7.0);
    QTest::mouseClick(page.findChild<QPushButton*>(QStringLiteral("code")), Qt::LeftButton);
    QCOMPARE(stage().terms[1].weight, 1.0);
    QTest::mouseClick(page.findChild<QPushButton*>(QStringLiteral("paper")), Qt::LeftButton);
    QCOMPARE(stage().terms[1].weight, 0.5);
  }

  void schedulesStagesButNeverNone() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.cards()[1]->scheduled()->click();
    QCOMPARE(document.project().schedule, (std::vector<std::string>{"DPT", "DFT"}));
    page.cards()[0]->scheduled()->click();
    page.cards()[2]->scheduled()->click();
    QCOMPARE(document.project().schedule, (std::vector<std::string>{"DFT"}));
    QVERIFY(page.cards()[2]->scheduled()->isChecked());
    page.cards()[0]->scheduled()->click();
    page.cards()[1]->scheduled()->click();
    QVERIFY(document.project().schedule.empty());
  }

  /// The first stage is added in the window, and each step can be undone.
  void aProjectMayHaveNoStages() {
    MadeProject made;
    Project empty = MadeProject::project();
    empty.stages.clear();
    save_project(empty, toPath(made.file()));
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    auto* first = page.findChild<QPushButton*>(QStringLiteral("addFirst"));
    auto* add = page.findChild<QPushButton*>(QStringLiteral("add"));
    QTRY_VERIFY(first->isVisible() && !add->isVisible());
    QTest::mouseClick(first, Qt::LeftButton);
    QCOMPARE(namesOf(document), QStringLiteral("stage"));
    QTRY_VERIFY(!first->isVisible() && add->isVisible());
    QCOMPARE(page.cards().size(), size_t(1));
    QTest::mouseClick(add, Qt::LeftButton);
    QCOMPARE(namesOf(document), QStringLiteral("stage stage_2"));
    document.undoStack()->undo();
    document.undoStack()->undo();
    QTRY_VERIFY(first->isVisible());
    QVERIFY(page.cards().empty());
    document.save();
    QTRY_VERIFY(!document.isModified());
  }

  void copiesMovesRenamesAndRemovesByKeys() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.cards()[0]->setFocus();
    QTest::keyClick(page.cards()[0], Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(namesOf(document), QStringLiteral("SFT DPT DFT"));
    QVERIFY(page.cards()[1]->hasFocus());  // the keyboard goes with the stage
    QTest::keyClick(page.cards()[1], Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(namesOf(document), QStringLiteral("SFT DFT DPT"));
    document.undoStack()->undo();
    document.undoStack()->undo();
    QCOMPARE(namesOf(document), QStringLiteral("DPT SFT DFT"));

    page.cards()[1]->setFocus();
    QTest::keyClick(page.cards()[1], Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(namesOf(document), QStringLiteral("DPT SFT SFT_2 DFT"));
    QCOMPARE(page.cards().size(), size_t(4));
    QCOMPARE(page.cards()[2]->head()->name()->text(), QStringLiteral("SFT_2"));
    page.cards()[2]->setFocus();
    QTest::keyClick(page.cards()[2], Qt::Key_F2);
    QLineEdit* name = page.cards()[2]->head()->name();
    QTRY_VERIFY(name->hasFocus());
    QTest::keyClicks(name, QStringLiteral("tuned"));
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(namesOf(document), QStringLiteral("DPT SFT tuned DFT"));
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("SFT"));
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(namesOf(document), QStringLiteral("DPT SFT tuned DFT"));
    QCOMPARE(name->text(), QStringLiteral("tuned"));
    QVERIFY(page.message()->isVisible());
    QVERIFY(page.message()->text().contains(QStringLiteral("Another stage")));

    page.cards()[0]->setFocus();
    QTest::keyClick(page.cards()[0], Qt::Key_Delete, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(namesOf(document), QStringLiteral("SFT tuned DFT"));
    QCOMPARE(page.cards().size(), size_t(3));
    document.undoStack()->undo();
    QCOMPARE(namesOf(document), QStringLiteral("DPT SFT tuned DFT"));
  }

  void movesByButtonsAndByDragging() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    QTest::qWait(50);
    auto* earlier = page.cards()[0]->findChild<QToolButton*>(QStringLiteral("earlier"));
    QVERIFY(!earlier->isEnabled());
    QTest::mouseClick(page.cards()[0]->findChild<QToolButton*>(QStringLiteral("later")), Qt::LeftButton);
    QCOMPARE(namesOf(document), QStringLiteral("SFT DPT DFT"));
    QMimeData data;
    data.setData(QString::fromLatin1(stageDragKind), "0");
    const QPoint last = page.cards()[2]->mapTo(&page, QPoint(20, 20));
    QDragEnterEvent enter(last, Qt::MoveAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&page, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(last, Qt::MoveAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&page, &drop);
    QCOMPARE(namesOf(document), QStringLiteral("DPT DFT SFT"));
    document.undoStack()->undo();
    QCOMPARE(namesOf(document), QStringLiteral("SFT DPT DFT"));
    QMimeData odd;
    odd.setData(QString::fromLatin1(stageDragKind), "99");
    QDropEvent wrong(last, Qt::MoveAction, &odd, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&page, &wrong);
    QCOMPARE(namesOf(document), QStringLiteral("SFT DPT DFT"));
  }

  /// A stage that doesn't run looks so, and the last one that does says why it stays.
  void fadesWhatDoesNotRun() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    StageCard* card = page.cards()[1];
    QVERIFY(!card->findChild<QGraphicsOpacityEffect*>());
    card->scheduled()->click();
    QVERIFY(card->findChild<QGraphicsOpacityEffect*>());
    page.cards()[0]->scheduled()->click();
    QVERIFY(!page.cards()[2]->scheduled()->isEnabled());
    QVERIFY(page.cards()[2]->scheduled()->toolTip().contains(QStringLiteral("at least one")));
    card->scheduled()->click();
    QVERIFY(!card->findChild<QGraphicsOpacityEffect*>());
    QVERIFY(page.cards()[2]->scheduled()->isEnabled());
  }

  void saysHowLongAStageIs() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    const auto* length = page.cards()[0]->findChild<QLabel*>(QStringLiteral("length"));
    document.edit(QStringLiteral("epochs"), [](Project& project) { project.stages[0].epochs = 3; });
    QTRY_VERIFY(length->text().startsWith(QStringLiteral("6 steps = 3 epochs · ")));
    document.edit(QStringLiteral("limit"), [](Project& project) { project.stages[0].max_steps = 4; });
    QVERIFY2(length->text().startsWith(QStringLiteral("4 steps = 2 epochs (limited from 6 steps)")),
             qPrintable(length->text()));
    auto* limit = qobject_cast<NumberBox*>(page.cards()[0]->form()->editor(QStringLiteral("max_steps")));
    QVERIFY(limit);
    QCOMPARE(limit->text(), QStringLiteral("4 steps"));
    document.undoStack()->undo();
    QCOMPARE(limit->text(), QStringLiteral("0 = no limit"));
  }

  /// What opens on one card moves nothing on the others.
  void moreTearsNoOtherCard() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 700);
    page.show();
    QVERIFY(made.open(document));
    QTest::qWait(100);
    StageCard* other = page.cards()[1];
    const auto places = [&] {
      return QList<int>{other->data()->y(), other->terms().back()->y(), other->form()->y()};
    };
    const QList<int> before = places();
    QTest::mouseClick(page.cards()[0]->findChild<QToolButton*>(QStringLiteral("more")), Qt::LeftButton);
    QTest::qWait(100);
    QCOMPARE(places(), before);
  }

  /// In a narrow window the cards are under each other, one of them open, and nothing is cut off.
  void stacksWhereARowDoesNotFit() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(800, 600);
    page.show();
    QVERIFY(made.open(document));
    QTest::qWait(100);
    const auto open = [&](size_t i) {
      return page.cards()[i]->data()->isVisible();
    };
    QVERIFY(open(0) && !open(1) && !open(2));
    for (const StageCard* card : page.cards()) {
      QVERIFY(card->width() <= page.width());
      QVERIFY(card->head()->isVisible());
    }
    QTest::mouseClick(page.cards()[2]->findChild<QToolButton*>(QStringLiteral("fold")), Qt::LeftButton);
    QVERIFY(!open(0) && open(2));
    page.showField(1, QStringLiteral("weight_decay"));
    QVERIFY(open(1) && !open(2));
    QTRY_VERIFY(page.cards()[1]->findChild<QWidget*>(QStringLiteral("weight_decay"))->isVisible());
    page.resize(1400, 700);
    QTRY_VERIFY(open(0) && open(1) && open(2));
    QVERIFY(!page.cards()[0]->findChild<QToolButton*>(QStringLiteral("fold"))->isVisible());
  }

  /// The buttons show which preset the weights are.
  void showsWhichWeightsThereAre() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    document.edit(QStringLiteral("relation"),
                  [](Project& project) { project.stages[0].terms.push_back({.term = "rdist", .weight = 1}); });
    auto* paper = page.findChild<QPushButton*>(QStringLiteral("paper"));
    auto* code = page.findChild<QPushButton*>(QStringLiteral("code"));
    QVERIFY(!paper->isChecked() && code->isChecked());
    QTest::mouseClick(paper, Qt::LeftButton);
    QVERIFY(paper->isChecked() && !code->isChecked());
    const int steps = document.undoStack()->index();
    QTest::mouseClick(paper, Qt::LeftButton);
    QVERIFY(paper->isChecked());
    QCOMPARE(document.undoStack()->index(), steps);
    document.edit(QStringLiteral("own"), [](Project& project) { project.stages[0].terms[1].weight = 0.3; });
    QVERIFY(!paper->isChecked() && !code->isChecked());
  }

  void saysWhatAStageLacks() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    QVERIFY(!page.message()->isVisible());
    page.cards()[0]->terms().back()->toggle()->click();  // distils, but there is no teacher
    QVERIFY(page.message()->isVisible());
    QVERIFY(page.message()->text().contains(QStringLiteral("teacher")));
    document.undoStack()->undo();
    QVERIFY(!page.message()->isVisible());
    page.cards()[0]->chip("connector")->click();
    QVERIFY(page.message()->text().contains(QStringLiteral("trains no part")));
  }

  /// A weight of 0 switches a term off, for the page as for the engine.
  void aTermOfWeightZeroNeedsNoTeacher() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    page.cards()[0]->terms().back()->toggle()->click();
    QVERIFY(page.message()->text().contains(QStringLiteral("teacher")));
    const auto switchOff = [&](bool all) {
      document.edit(QStringLiteral("weigh"), [&](Project& project) {
        for (TermOptions& each : project.stages[0].terms)
          if (all || each.term != "ce") each.weight = 0;
      });
    };
    switchOff(false);
    QVERIFY(!page.message()->isVisible());
    switchOff(true);
    QVERIFY(page.message()->text().contains(QStringLiteral("has no term")));
  }

  /// While a run may go on, the page says where that run has other values.
  void saysWhatTheRunHasInstead() {
    MadeProject made;
    const RunFolder folder = create_run(toPath(made.file()), "first");
    RunInfo info;
    info.id = "first";
    info.status = "stopped";
    info.started = 1763978400;
    const Project project = load_project(toPath(made.file()));
    info.project = to_json(project);
    info.project_id = project_id_of(toPath(made.file()));
    info.project_file = made.file().toStdString();
    write_run_info(folder, info);
    EventLog log(folder.events());
    log.append({1, "", 0, 0, RunStartedEvent{.stages = {{"DPT", 9}}}});
    log.append({1, "DPT", 2, 2, CheckpointEvent{.path = "checkpoints/DPT-2"}});
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    page.show();
    run.setProjectFile(made.file());
    QTRY_COMPARE(run.state(), RunState::stopped);
    QTRY_VERIFY(canGoOn(run.progress()));
    QVERIFY(!page.runMessage()->isVisible());
    document.edit(QStringLiteral("rate"), [](Project& edited) { edited.stages[0].learning_rate = 0.5; });
    QVERIFY(page.runMessage()->isVisible());
    QVERIFY2(page.runMessage()->text().contains(QStringLiteral("DPT learning_rate 0.001 (here 0.5)")),
             qPrintable(page.runMessage()->text()));
    document.undoStack()->undo();
    QVERIFY(!page.runMessage()->isVisible());
  }

  /// What `check` says of a stage's data stands on its card, and goes with its cause.
  void saysWhatTheCheckFindsInTheData() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"),
               "#!/bin/sh\nlevel=amber\ncase \"$(cat)\" in *'\"notes\": \"mended\"'*) level=green;; esac\n"
               "printf '{\"items\":[{\"name\":\"Data of SFT\",\"level\":\"%s\",\"finding\":\"2 samples, 2 steps; "
               "1 is not used\",\"remedy\":\"It is left out.\"}]}' $level\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    const bool opened = made.open(document);
    const auto cards = [&](const QString& text) {
      int found = 0;
      for (const auto* label : page.findChildren<QLabel*>()) found += label->text() == text;
      return found;
    };
    const QString finding = QStringLiteral("2 samples, 2 steps; 1 is not used"),
                  plain = QStringLiteral("2 samples, 1 with a picture");
    const bool said = QTest::qWaitFor([&] { return cards(finding) == 1 && cards(plain) == 2; });
    document.edit(QStringLiteral("mend"), [](Project& project) { project.notes = "mended"; });
    const bool gone = QTest::qWaitFor([&] { return cards(finding) == 0 && cards(plain) == 3; });
    qputenv("PATH", path);
    QVERIFY(opened && said && gone);
    QTRY_VERIFY(!ProjectCheck::of(&document)->isRunning());
    QCOMPARE(cards(plain), 3);
  }

  /// The card's foot says what the stage will take, and data that change on disk are counted again.
  void saysWhatAStageTakes() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"),
               "#!/bin/sh\ncat >/dev/null\nprintf '{\"items\":[],\"estimates\":[{\"stage\":\"SFT\",\"steps\":2,"
               "\"seconds\":120,\"memory_bytes\":2e9,\"disk_bytes\":3e8}]}'\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    const bool opened = made.open(document);
    const auto foot = [&](size_t card) {
      return page.cards()[card]->findChild<QLabel*>(QStringLiteral("estimate"))->text();
    };
    const bool said = opened && QTest::qWaitFor([&] { return foot(1).contains(QStringLiteral("about 2 min")); });
    qputenv("PATH", path);
    QVERIFY(opened && said);
    QVERIFY(foot(0).isEmpty());
    QTRY_COMPARE(page.cards()[0]->data()->facts().value_or(DataFacts()).samples, int64_t(2));
    QTest::qWait(100);
    QVERIFY(QFile::remove(made.path(QStringLiteral("data.json"))));
    QTRY_VERIFY_WITH_TIMEOUT(!page.cards()[0]->data()->facts().value_or(DataFacts()).error.isEmpty(), 10000);
  }

  void countsAData() {
    MadeProject made;
    const DataFacts facts =
        readDataFacts(made.path(QStringLiteral("data.json")), made.path(QStringLiteral("pictures")));
    QCOMPARE(facts.samples, int64_t(2));
    QCOMPARE(facts.withImage, int64_t(1));
    QCOMPARE(facts.firstImage, made.path(QStringLiteral("pictures/a.png")));
    QVERIFY(facts.error.isEmpty());
  }

  void countsAsARunDoes() {
    MadeProject made;
    made.write(QStringLiteral("some.jsonl"),
               "{\"id\": 1, \"image\": [\"a.png\", \"b.png\"], \"conversations\": [{\"from\": \"human\", \"value\": "
               "\"<image>1\"}, {\"from\": \"gpt\", \"value\": \"a\"}, {\"from\": \"human\", \"value\": \"<image>2\"}, "
               "{\"from\": \"gpt\", \"value\": \"b\"}]}\n{\"id\": 2}\n{\"id\": 3, \"conversations\": [{\"from\": "
               "\"human\", \"value\": \"q\"}, {\"from\": \"gpt\", \"value\": \"a\"}]}\n");
    const QString file = made.path(QStringLiteral("some.jsonl"));
    const DataFacts facts = readDataFacts(file, made.path(QString()));
    const auto data = open_dataset(toPath(file));
    QCOMPARE(facts.samples, data->size());
    QCOMPARE(facts.samples, int64_t(2));
    QCOMPARE(facts.withImage, int64_t(1));
    QCOMPARE(facts.leftOut, int64_t(data->faults().size()));
    QVERIFY(facts.firstFault.contains(QStringLiteral("line 2")));
  }

  void refusesWhatIsNoData_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("object") << QByteArray("{\"a\": [1]}");
    QTest::newRow("scalar") << QByteArray("7");
    QTest::newRow("cut off") << QByteArray("[{\"id\": ");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("deep") << QByteArray(100000, '[');
  }
  void refusesWhatIsNoData() {
    QFETCH(QByteArray, text);
    MadeProject made;
    made.write(QStringLiteral("bad.json"), text);
    QVERIFY(!readDataFacts(made.path(QStringLiteral("bad.json")), QString()).error.isEmpty());
    QVERIFY(!readDataFacts(made.path(QStringLiteral("none.json")), QString()).error.isEmpty());
  }

 private:
  static QString namesOf(const ProjectDocument& document) {
    QStringList names;
    for (const StageOptions& stage : document.project().stages) names << toQString(stage.name);
    return names.join(QLatin1Char(' '));
  }
};

QTEST_MAIN(StagesPageTest)
#include "tst_stages_page.moc"
