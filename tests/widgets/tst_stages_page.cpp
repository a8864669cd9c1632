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
#include <algorithm>

#include "core/project/stage_list.h"
#include "made_project.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/stages/term_row.h"
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

  /// A term says what it is and where its equation can be read.
  void termsSayWhereTheyAreFrom() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    QVERIFY(made.open(document));
    for (const TermRow* row : page.cards()[0]->terms()) {
      QVERIFY2(row->toolTip().contains(QStringLiteral("arXiv 2410.16236, equation")), qPrintable(row->toolTip()));
      QVERIFY(row->toolTip().contains(QStringLiteral("<sub>")));
    }
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
    const auto* paper = page.findChild<QPushButton*>(QStringLiteral("paper"));
    QVERIFY(!paper->isEnabled() && paper->toolTip().startsWith(QStringLiteral("Add a stage first")));
    QTest::mouseClick(first, Qt::LeftButton);
    QVERIFY(paper->isEnabled());
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

  /// The stage that is open stays open when it or another one gets another place, and when that is undone.
  void theOpenStageStaysOpen() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(560, 600);  // too narrow for two in a row, too
    page.show();
    QVERIFY(made.open(document));
    QTest::qWait(100);
    const auto open = [&] {
      QString names;
      for (size_t i = 0; i < page.cards().size(); ++i)
        if (page.cards()[i]->data()->isVisible()) names += toQString(document.project().stages[i].name);
      return names;
    };
    QTest::mouseClick(page.cards()[1]->findChild<QToolButton*>(QStringLiteral("fold")), Qt::LeftButton);
    QCOMPARE(open(), QStringLiteral("SFT"));
    QTest::mouseClick(page.cards()[0]->findChild<QToolButton*>(QStringLiteral("later")), Qt::LeftButton);
    QCOMPARE(namesOf(document), QStringLiteral("SFT DPT DFT"));
    QCOMPARE(open(), QStringLiteral("SFT"));
    document.undoStack()->undo();
    QCOMPARE(open(), QStringLiteral("SFT"));
    document.edit(QStringLiteral("rename"), [](Project& project) { rename_stage(project, 1, "tuned"); });
    QCOMPARE(open(), QStringLiteral("tuned"));
    document.edit(QStringLiteral("remove"), [](Project& project) { remove_stage(project, 0); });
    QCOMPARE(open(), QStringLiteral("tuned"));
    document.edit(QStringLiteral("remove"), [](Project& project) { remove_stage(project, 0); });
    QCOMPARE(open(), QStringLiteral("DFT"));
  }

  /// Off and on again is no change: temperature, divergence and weight are the term's still. They don't go over to
  /// another stage that gets the card's place.
  void aTermKeepsItsOptionsWhileItIsOff() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    const TermOptions own{.term = "mdist_response", .weight = 0.35, .temperature = 2, .divergence = "jsd"};
    document.edit(QStringLiteral("term"), [&](Project& project) { project.stages[0].terms.push_back(own); });
    const auto row = [&](size_t card) {
      const auto& rows = page.cards()[card]->terms();
      return *std::ranges::find_if(rows, [&](const TermRow* each) { return each->term() == own.term; });
    };
    row(0)->toggle()->click();
    QCOMPARE(document.project().stages[0].terms.size(), size_t(1));
    row(0)->toggle()->click();
    QVERIFY(document.project().stages[0].terms.back() == own);
    row(0)->toggle()->click();
    QTest::mouseClick(page.cards()[0]->findChild<QToolButton*>(QStringLiteral("later")), Qt::LeftButton);
    row(0)->toggle()->click();
    QCOMPARE(document.project().stages[0].name, std::string("SFT"));
    QVERIFY(document.project().stages[0].terms.back() == TermOptions{.term = own.term});
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

 private:
  static QString namesOf(const ProjectDocument& document) {
    QStringList names;
    for (const StageOptions& stage : document.project().stages) names << toQString(stage.name);
    return names.join(QLatin1Char(' '));
  }
};

QTEST_MAIN(StagesPageTest)
#include "tst_stages_page.moc"
