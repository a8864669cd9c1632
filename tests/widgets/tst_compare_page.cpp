// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QUrl>
#include <nlohmann/json.hpp>

#include "compare_fixture.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "page_picture.h"
#include "widgets/forms/number_box.h"
#include "widgets/pages/compare/ask_settings_button.h"
#include "widgets/pages/compare/word_difference.h"
#include "widgets/shared/picture_view.h"
#include "widgets/theme/parts.h"

namespace llavakd {
class ComparePageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { useMadeEngine(m_folder); }

  void findsTheWordsThatDiffer() {
    const auto parts = wordDifference(QStringLiteral("A red ball, and a box."), QStringLiteral("a red cube and a box"));
    QCOMPARE(parts.size(), std::size_t(3));
    QCOMPARE(parts[0], (WordPart{QStringLiteral("A red "), false}));
    QCOMPARE(parts[1], (WordPart{QStringLiteral("ball, "), true}));
    QCOMPARE(parts[2], (WordPart{QStringLiteral("and a box."), false}));
    QVERIFY(wordDifference({}, QStringLiteral("x")).empty());
    QVERIFY(wordDifference(QStringLiteral("x"), {})[0].differs);
    QString longText;
    for (int i = 0; i < 3000; ++i) longText += QStringLiteral("word%1 ").arg(i);
    QCOMPARE(wordDifference(longText, longText).size(), std::size_t(1));
  }

  void asksAll() {
    Opened opened(m_folder.filePath(QStringLiteral("ask")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.question()->text(), QStringLiteral("What is at the top left?"));
    QTRY_VERIFY(page.picture()->hasPicture());
    QTRY_COMPARE(page.models()->texts(), (QStringList{QStringLiteral("Teacher"), QStringLiteral("SFT-160 (newest)")}));
    opened.clickAsk();
    QVERIFY(page.isBusy());
    QCOMPARE(page.rows().size(), std::size_t(1));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(1)->answer(), QStringLiteral("A red circle and a blue square."));
    QCOMPARE(opened.card(1)->figuresText(), QStringLiteral("First token after 310 ms · 17.3 tokens/s"));
    QVERIFY(opened.card(1)->badges().isEmpty());
    QVERIFY(opened.card(1)->findChild<QTextBrowser*>()->toHtml().contains(QStringLiteral("background-color")));
    takePicture(&page, QStringLiteral("compare"));
    page.resize(888, 600);
    takePicture(&page, QStringLiteral("compare-small"));
  }

  /// Any checkpoint of any run, the student before training, and nobody's twice.
  void asksSeveralStudents() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("several"))));
    const RunFolder other = create_run(made.project_file, "other-run");
    RunInfo info;
    info.id = other.id();
    info.status = "finished";
    info.started = 1763900000;
    info.project_file = made.project_file.string();
    write_run_info(other, info);
    fs::create_directories(other.checkpoints() / "DPT-40/model");
    write_json(other.checkpoints() / "DPT-40/state.json", nlohmann::ordered_json::object());
    Opened opened(made);
    opened.run.choose(toQString(made.run_folder));
    QTRY_VERIFY(opened.offered().contains(QStringLiteral("DPT-80")));
    opened.choose(QStringLiteral("DPT-80"));
    opened.choose(QStringLiteral("Student before training"));
    QVERIFY(!opened.page.models()->texts().contains(QStringLiteral("other-run")));
    if (opened.offered().contains(QStringLiteral("other-run/DPT-40")))
      opened.choose(QStringLiteral("other-run/DPT-40"));
    else
      opened.page.models()->addCheckpoint(toQString(other.checkpoints() / "DPT-40"));
    opened.page.models()->addCheckpoint(toQString(made.run_folder / "checkpoints/SFT-160"));  // the newest, by its name
    opened.ask(QStringLiteral("before?"));
    QTRY_VERIFY(opened.answered());
    const auto& models = opened.page.thread()->rows().front().models;
    QCOMPARE(models.size(), std::size_t(5));
    QCOMPARE(models[4].name, QStringLiteral("DPT-40 · other-run"));
    QCOMPARE(opened.card(1)->answer(), QStringLiteral("SFT-160/model"));
    QCOMPARE(opened.card(2)->answer(), QStringLiteral("DPT-80/model"));
    QCOMPARE(opened.card(3)->answer(), QStringLiteral("A red circle and a blue square."));
    QCOMPARE(opened.card(4)->answer(), QStringLiteral("DPT-40/model"));
    takePicture(&opened.page, QStringLiteral("compare-several"));
  }

  /// A chip is taken away by a click or Delete, and comes back from the menu.
  void leavesOutWhoIsTakenAway() {
    Opened opened(m_folder.filePath(QStringLiteral("chips")));
    const auto chip = [&](int index) {
      return opened.page.models()->findChildren<QToolButton*>(QStringLiteral("model"))[index];
    };
    QTRY_COMPARE(opened.page.models()->texts().size(), 2);
    QTest::mouseClick(chip(1), Qt::LeftButton);
    QCOMPARE(opened.page.models()->texts(), QStringList{QStringLiteral("Teacher")});
    QTest::keyClick(chip(0), Qt::Key_Delete);
    QVERIFY(opened.page.models()->texts().isEmpty());
    QVERIFY(!opened.button(QStringLiteral("Ask"))->isEnabled());
    opened.choose(QStringLiteral("Newest checkpoint of the run"));
    opened.ask(QStringLiteral("What?"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.page.thread()->rows().front().models.size(), std::size_t(1));
    // The choice is this person's, and there again the next time.
    opened.choose(QStringLiteral("DPT-80"));
    const QStringList chosen{QStringLiteral("SFT-160 (newest)"), QStringLiteral("DPT-80")};
    QCOMPARE(opened.page.models()->texts(), chosen);
    opened.document.close();
    opened.document.open(toQString(opened.made.project_file));
    QTRY_COMPARE(opened.page.models()->texts(), chosen);
    QVERIFY(!opened.document.isModified());
  }

  /// What is asked next leaves the rows before as they are; each keeps its question, picture and models.
  void anAnswerStaysUnderItsQuestion() {
    Opened opened(m_folder.filePath(QStringLiteral("heading")));
    ComparePage& page = opened.page;
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    const auto item = page.strip()->visualItemRect(page.strip()->item(1)).center();
    QTest::mouseClick(page.strip()->viewport(), Qt::LeftButton, {}, item);
    QCOMPARE(page.question()->text(), QStringLiteral("Which colour has the ball?"));
    QCOMPARE(page.thread()->rows().front().turns.front().question, QStringLiteral("What is at the top left?"));
    QVERIFY(page.thread()->rows().front().pictures.first().endsWith(QStringLiteral("first.png")));
    page.question()->setFocus();
    QTest::keyClick(page.question(), Qt::Key_Return);
    QCOMPARE(page.rows().size(), std::size_t(2));
    QVERIFY(page.thread()->rows().front().pictures.first().endsWith(QStringLiteral("second.png")));
    QCOMPARE(page.thread()->rows().back().turns.front().question, QStringLiteral("What is at the top left?"));
    QTRY_VERIFY(opened.answered());
  }

  /// Several questions may be on their way; each answer comes to its own.
  void aLateAnswerKeepsItsQuestion() {
    Opened opened(m_folder.filePath(QStringLiteral("late")));
    opened.ask(QStringLiteral("slow?"));
    opened.ask(QStringLiteral("before?"));
    QVERIFY(opened.page.thread()->rows()[0].isWaiting() && opened.page.thread()->rows()[1].isWaiting());
    QTRY_VERIFY(!opened.page.isBusy());
    QCOMPARE(opened.card(1, 0)->answer(), QStringLiteral("SFT-160/model"));
    QCOMPARE(opened.card(1, 1)->answer(), QStringLiteral("A red circle and a blue square."));
  }

  /// The chip follows the run; rows keep the checkpoint that answered.
  void aNewCheckpointLeavesTheRows() {
    Opened opened(m_folder.filePath(QStringLiteral("newer")));
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({0, "DFT", 20, 180, CheckpointEvent{.path = "checkpoints/DFT-180"}});
    QTRY_VERIFY(opened.page.models()->texts().contains(QStringLiteral("DFT-180 (newest)")));
    QCOMPARE(opened.page.thread()->rows().front().models[1].name, QStringLiteral("SFT-160"));
    QVERIFY(opened.card(1)->hasAnswer());
  }

  void withoutACheckpointTheUntrainedStudentAnswers() {
    MadeRunPlan plan;
    plan.steps_done = 20;
    Opened opened(m_folder.filePath(QStringLiteral("first")), plan);
    QTRY_VERIFY(opened.run.progress().step > 0);
    QCOMPARE(opened.page.models()->texts().last(), QStringLiteral("before training"));
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({0, "DPT", 20, 20, CheckpointEvent{.path = "checkpoints/DPT-20"}});
    QTRY_COMPARE(opened.page.models()->texts().last(), QStringLiteral("DPT-20 (newest)"));
    QCOMPARE(opened.page.thread()->rows().front().models[1].name, QStringLiteral("before training"));
  }

  /// Another run's newest checkpoint takes the place of this one's in the next question.
  void followsTheChosenRun() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("runs"))));
    const RunFolder other = create_run(made.project_file, "other-run");
    RunInfo info;
    info.id = other.id();
    info.status = "finished";
    info.started = 1763988400;
    info.project_file = made.project_file.string();
    write_run_info(other, info);
    EventLog log(other.events());
    log.append({.time = 1, .body = RunStartedEvent{.run = "other-run", .stages = {{"DPT", 40}}}});
    log.append({.time = 2, .stage = "DPT", .body = StageStartedEvent{.steps = 40}});
    log.append({.time = 3, .stage = "DPT", .stage_step = 40, .step = 40, .body = StepEvent{}});
    log.append({.time = 4,
                .stage = "DPT",
                .stage_step = 40,
                .step = 40,
                .body = CheckpointEvent{.path = "checkpoints/DPT-40"}});
    Opened opened(made);
    QTRY_COMPARE(opened.page.models()->texts().last(), QStringLiteral("DPT-40 (newest)"));
    opened.ask(QStringLiteral("before?"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(1)->answer(), QStringLiteral("DPT-40/model"));
    opened.run.choose(toQString(made.run_folder));
    QTRY_COMPARE(opened.page.models()->texts().last(), QStringLiteral("SFT-160 (newest)"));
    opened.ask(QStringLiteral("before?"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(1, 0)->answer(), QStringLiteral("SFT-160/model"));
    QCOMPARE(opened.card(1, 1)->answer(), QStringLiteral("DPT-40/model"));
  }

  /// The engine reads the project's file, and nobody asks on where other models stand by now.
  void asksTheSavedProjectOnly() {
    Opened opened(m_folder.filePath(QStringLiteral("unsaved")));
    ComparePage& page = opened.page;
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    opened.document.edit(QStringLiteral("notes"), [](Project& project) { project.notes = "none"; });
    QVERIFY(opened.rowButton("askOn")->isVisible());
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 7; });
    QVERIFY(!opened.rowButton("askOn")->isVisible());
    QVERIFY(page.thread()->rows().front().past.contains(QStringLiteral("other models")));
    opened.clickAsk();
    QVERIFY(!page.isBusy() && page.message()->isVisible());
    QTest::mouseClick(page.message()->findChild<QPushButton*>(), Qt::LeftButton);
    QTRY_COMPARE(page.rows().size(), std::size_t(2));
    QTRY_VERIFY(opened.answered());
    QVERIFY(!opened.document.isModified() && !page.message()->isVisible());
    QVERIFY(opened.rowButton("askOn", 0)->isVisible() && !opened.rowButton("askOn", 1)->isVisible());
    opened.document.undoStack()->undo();
    QVERIFY(!opened.rowButton("askOn", 0)->isVisible() && opened.rowButton("askOn", 1)->isVisible());
  }

  /// Short answers have no speed, and one that ran into the limit says so.
  void saysWhatTheFiguresMean() {
    AnswerCard card({.name = QStringLiteral("Student")});
    card.setAnswer(
        {.given = GivenAnswer{.text = QStringLiteral("waffle"), .seconds = 0.7434, .firstTokenSeconds = 0.7434}}, {});
    QCOMPARE(card.figuresText(), QStringLiteral("First token after 743 ms"));
    const GivenAnswer cut{.text = QStringLiteral("a b c"), .seconds = 2, .tokensPerSecond = 252.4, .cutAt = 128};
    card.setAnswer({.given = cut}, {.mayGoOn = true});
    QCOMPARE(card.figuresText(), QStringLiteral("Cut off at 128 tokens · 252 tokens/s"));
    QVERIFY(card.moreButton()->isHidden());  // the model has no position left
    card.setAnswer({.given = GivenAnswer{.text = QStringLiteral("d"), .seconds = 2, .firstTokenSeconds = 1.234}}, {});
    QCOMPARE(card.figuresText(), QStringLiteral("First token after 1.23 s"));
    card.setAnswer({.given = GivenAnswer{}}, {});
    QVERIFY(card.findChild<QTextBrowser*>()->toPlainText().contains(QStringLiteral("at once")));
  }

  /// Which answer is right, and which is the same as the teacher's.
  void marksAnswers() {
    AnswerCard card({.name = QStringLiteral("Student")});
    const ModelAnswer answer{.given = GivenAnswer{.text = QStringLiteral("A cat.")}};
    card.setAnswer(answer, {.other = QStringLiteral("a cat"), .reference = QStringLiteral("A cat.")});
    QCOMPARE(card.badges(), (QStringList{QStringLiteral("= same"), QStringLiteral("right")}));
    card.setAnswer(answer, {.other = QStringLiteral("a dog"), .reference = QStringLiteral("a cat")});
    QCOMPARE(card.badges(), QStringList{QStringLiteral("wrong")});
    card.setAnswer({.call = 3, .piece = QStringLiteral("A cat.")}, {.reference = QStringLiteral("A cat.")});
    QVERIFY(card.badges().isEmpty());  // it isn't whole yet
    QVERIFY(isRightAnswer(QStringLiteral(" a cat\n"), QStringLiteral("a cat")));
    QVERIFY(!isRightAnswer(QStringLiteral("A cat"), QStringLiteral("a cat")));
  }

  /// A question of an evaluation, typed or chosen, has its right answer.
  void knowsTheRightAnswer() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("reference"))));
    const fs::path folder = made.project_file.parent_path();
    const auto turn = [](const char* from, const char* value) {
      return nlohmann::ordered_json{{"from", from}, {"value", value}};
    };
    write_json(folder / "questions.json",
               {{{"id", "1"},
                 {"image", "second.png"},
                 {"conversations",
                  {turn("human", "<image>\nWhat is there?"), turn("gpt", "A red circle and a blue square.")}}}});
    Project project = load_project(made.project_file);
    project.evaluations = {{.file = "questions.json", .images = "."}};
    save_project(project, made.project_file);
    Opened opened(made);
    QMenu* examples = opened.page.findChild<QToolButton*>(QStringLiteral("examples"))->menu();
    const auto find = [&]() -> QAction* {
      Q_EMIT examples->aboutToShow();
      for (QAction* action : examples->actions())
        if (action->text() == QStringLiteral("What is there?")) return action;
      return nullptr;
    };
    QTRY_VERIFY(find());
    find()->trigger();
    QCOMPARE(opened.page.question()->text(), QStringLiteral("What is there?"));
    QCOMPARE(opened.page.strip()->currentRow(), 1);
    QCOMPARE(opened.page.strip()->entryCount(), 2);  // the picture was there already
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(0)->badges(), QStringList{QStringLiteral("wrong")});
    QCOMPARE(opened.card(1)->badges(), QStringList{QStringLiteral("right")});
    opened.ask(QStringLiteral("What else?"));
    QTRY_VERIFY(opened.answered());
    QVERIFY(opened.card(1)->badges().isEmpty());
    takePicture(&opened.page, QStringLiteral("compare-reference"));
  }

  /// A cut answer stays until the longer one is there, or for good.
  void goesOnWhereAnAnswerWasCut() {
    Opened opened(m_folder.filePath(QStringLiteral("cut")));
    opened.ask(QStringLiteral("long?"));
    QTRY_VERIFY(opened.answered());
    AnswerCard *teacher = opened.card(0), *student = opened.card(1);
    QVERIFY(student->figuresText().startsWith(QStringLiteral("Cut off at 128 tokens")));
    QVERIFY(student->moreButton()->isVisible() && teacher->moreButton()->isVisible());
    QTest::mouseClick(student->moreButton(), Qt::LeftButton);
    QVERIFY(opened.page.isBusy() && student->answer().endsWith(QStringLiteral(" And")));
    QVERIFY(!student->moreButton()->isVisible());
    QTRY_VERIFY(student->answer().endsWith(QStringLiteral(" And more.")));
    QVERIFY(!student->moreButton()->isVisible());
    QVERIFY(teacher->answer().endsWith(QStringLiteral(" And")) && teacher->moreButton()->isVisible());
  }

  /// The text is seen while it is made; Stop keeps what came.
  void showsPiecesAndStops() {
    Opened opened(m_folder.filePath(QStringLiteral("pieces")));
    opened.ask(QStringLiteral("drip"));
    QTRY_COMPARE(opened.card(0)->answer(), QStringLiteral("A red circle"));
    QCOMPARE(opened.card(0)->figuresText(), QStringLiteral("3 tokens so far"));
    QVERIFY(!opened.card(0)->hasAnswer());
    takePicture(&opened.page, QStringLiteral("compare-busy"));
    QTest::mouseClick(opened.rowButton("stopRow"), Qt::LeftButton);
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(0)->answer(), QStringLiteral("A red circle"));
    QVERIFY(opened.card(0)->figuresText().startsWith(QStringLiteral("Stopped")));
    QCOMPARE(opened.card(1)->failure(), QStringLiteral("Stopped"));  // it hadn't begun
  }

  /// An engine that doesn't listen is ended; the other questions are answered all the same.
  void stopsAnEngineThatHangs() {
    Opened opened(m_folder.filePath(QStringLiteral("deaf")));
    opened.ask(QStringLiteral("hang"));
    opened.ask(QStringLiteral("before?"));
    QTRY_COMPARE(opened.card(0, 1)->answer(), QStringLiteral("A red"));
    QTest::mouseClick(opened.rowButton("stopRow", 1), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!opened.page.isBusy(), 10000);
    QCOMPARE(opened.card(0, 1)->answer(), QStringLiteral("A red"));
    QCOMPARE(opened.card(1, 0)->answer(), QStringLiteral("SFT-160/model"));
    QVERIFY(!opened.button(QStringLiteral("Stop"))->isVisible());
  }

  /// Each model goes on from its own answer.
  void asksOnInAConversation() {
    Opened opened(m_folder.filePath(QStringLiteral("turns")));
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    QTest::mouseClick(opened.rowButton("askOn"), Qt::LeftButton);
    auto* field = opened.page.rows().front()->findChild<QLineEdit*>(QStringLiteral("followUp"));
    QVERIFY(field->isVisible());
    QTest::keyClicks(field, QStringLiteral("And then?"));
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_VERIFY(opened.answered() && opened.page.rows().front()->turns() == 2);
    QCOMPARE(opened.card(1, 0, 1)->answer(), QStringLiteral("As I said: blue."));
    QCOMPARE(opened.card(1, 0, 0)->answer(), QStringLiteral("A red circle and a blue square."));
    QVERIFY(field->text().isEmpty());
    takePicture(&opened.page, QStringLiteral("compare-turns"));
    // Of a model that hadn't answered nobody knows how it would go on.
    opened.ask(QStringLiteral("refuse"));
    QTRY_VERIFY(opened.answered());
    opened.page.thread()->askOn(opened.page.thread()->rows().front().id, QStringLiteral("And?"));
    QVERIFY(opened.card(0, 0, 1)->failure().contains(QStringLiteral("can't go on")));
  }

  void asksAboutSeveralPictures() {
    Opened opened(m_folder.filePath(QStringLiteral("pictures")));
    PictureStrip* strip = opened.page.strip();
    const auto place = [&](int row) {
      return strip->visualItemRect(strip->item(row)).center();
    };
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, {}, place(0));
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, Qt::ControlModifier, place(1));
    opened.ask(QStringLiteral("What do they share?"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.page.thread()->rows().front().pictures.size(), 2);
    QCOMPARE(opened.card(1)->answer(), QStringLiteral("Two pictures."));
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, {}, place(1));
    opened.ask(QStringLiteral("And this?"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.page.thread()->rows().front().pictures.size(), 1);
  }

  /// A row keeps the settings that its answers were made with.
  void drawsWordsAsAsked() {
    Opened opened(m_folder.filePath(QStringLiteral("settings")));
    QCOMPARE(opened.page.settings()->text(), QStringLiteral("greedy"));
    opened.page.settings()->temperature()->setValue(0.7);
    QCOMPARE(opened.page.settings()->text(), QStringLiteral("T 0.7 · seed 0"));
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(1)->answer(), QStringLiteral("Drawn by lot."));
    opened.page.settings()->temperature()->setValue(0);
    QCOMPARE(opened.page.thread()->rows().front().settings.temperature, 0.7);
  }

  /// The thread is there again when the project is opened the next time; what is removed can be brought back.
  void keepsTheThread() {
    Opened opened(m_folder.filePath(QStringLiteral("kept")));
    ComparePage& page = opened.page;
    opened.ask(QStringLiteral("first?"));
    QTRY_VERIFY(opened.answered());
    opened.ask(QStringLiteral("long?"));
    QTRY_VERIFY(opened.answered());
    const auto openAgain = [&] {
      opened.document.close();
      QCOMPARE(page.rows().size(), std::size_t(0));
      opened.document.open(toQString(opened.made.project_file));
      QTRY_VERIFY(opened.document.isOpen());
    };
    openAgain();
    QTRY_COMPARE(page.rows().size(), std::size_t(2));
    QCOMPARE(page.thread()->rows()[0].turns[0].question, QStringLiteral("long?"));
    QVERIFY(opened.card(1, 0)->answer().endsWith(QStringLiteral(" And")));
    QTRY_VERIFY(opened.card(1, 0)->moreButton()->isVisible());  // rows that are read are shown a moment later
    QTest::mouseClick(opened.rowButton("removeRow", 1), Qt::LeftButton);
    QCOMPARE(page.rows().size(), std::size_t(1));
    QVERIFY(page.message()->isVisible());
    QTest::mouseClick(page.message()->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(page.rows().size(), std::size_t(2));
    QCOMPARE(page.thread()->rows()[1].turns[0].question, QStringLiteral("first?"));
    QTest::mouseClick(opened.rowButton("removeRow", 0), Qt::LeftButton);
    openAgain();
    QTRY_COMPARE(page.rows().size(), std::size_t(1));
    QCOMPARE(page.thread()->rows()[0].turns[0].question, QStringLiteral("first?"));
    QVERIFY(!opened.document.isModified());
  }

  /// The question of a row comes back to the form.
  void takesAQuestionUpAgain() {
    Opened opened(m_folder.filePath(QStringLiteral("again")));
    opened.ask(QStringLiteral("first?"));
    opened.page.strip()->setCurrentRow(1);
    opened.page.question()->setText(QStringLiteral("other?"));
    QTRY_VERIFY(opened.answered());
    QTest::mouseClick(opened.rowButton("again"), Qt::LeftButton);
    QCOMPARE(opened.page.question()->text(), QStringLiteral("first?"));
    QCOMPARE(opened.page.strip()->currentRow(), 0);
  }

  void saysWhyThereIsNoAnswer() {
    Opened opened(m_folder.filePath(QStringLiteral("refuse")));
    opened.ask(QStringLiteral("refuse"));
    QTRY_VERIFY(opened.answered());
    QCOMPARE(opened.card(0)->failure(), QStringLiteral("first.png is no picture."));
    takePicture(&opened.page, QStringLiteral("compare-error"));
    opened.ask(QStringLiteral("odd"));
    QTRY_VERIFY(opened.answered());
    QVERIFY(opened.card(0)->failure().contains(QStringLiteral("holds no answer")));
  }

  /// After a resume a checkpoint of the same name is another student.
  void aRewrittenCheckpointCantGoOn() {
    Opened opened(m_folder.filePath(QStringLiteral("rewritten")));
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    QVERIFY(opened.rowButton("askOn")->isVisible());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({7, "SFT", 80, 160, CheckpointEvent{.path = "checkpoints/SFT-160"}});
    QTRY_VERIFY(!opened.rowButton("askOn")->isVisible());
    QVERIFY(opened.page.thread()->rows().front().past.contains(QStringLiteral("SFT-160")));
    QVERIFY(opened.card(1)->hasAnswer());
  }

  /// A message leaves the buttons under the pointer, and goes with its cause.
  void aMessageMovesNothing() {
    Opened opened(m_folder.filePath(QStringLiteral("still")));
    ActionButton* ask = opened.button(QStringLiteral("Ask"));
    const QPoint place = ask->mapTo(&opened.page, QPoint());
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 7; });
    QTest::mouseClick(ask, Qt::LeftButton);
    InlineMessage* message = opened.page.message();
    QVERIFY(message->isVisible());
    QCoreApplication::processEvents();
    QCOMPARE(ask->mapTo(&opened.page, QPoint()), place);
    QVERIFY(opened.page.rect().contains(message->geometry()) && message->height() >= theme::compactRowHeight);
    opened.document.undoStack()->undo();
    QVERIFY(!message->isVisible());
  }

  /// In a window of the least size what doesn't fit is scrolled to, down only.
  void aLowWindowScrolls() {
    Opened opened(m_folder.filePath(QStringLiteral("low")));
    ComparePage& page = opened.page;
    opened.clickAsk();
    QTRY_VERIFY(opened.answered());
    const auto* area = page.findChild<QScrollArea*>();
    for (const QSize size : {QSize(620, 380), QSize(888, 600)}) {
      page.resize(size);
      QTest::qWait(50);
      QCOMPARE(page.size(), size);
      QCOMPARE(area->horizontalScrollBar()->maximum(), 0);
      const QRect teacher(opened.card(0)->mapTo(&page, QPoint()), opened.card(0)->size());
      const QRect student(opened.card(1)->mapTo(&page, QPoint()), opened.card(1)->size());
      QVERIFY(!teacher.intersects(student));
      QVERIFY(teacher.height() >= opened.card(0)->minimumSizeHint().height());
      takePicture(&page, QStringLiteral("compare-low-%1").arg(size.width()));
    }
  }

  void removesAddedPicturesAndRemembersThem() {
    Opened opened(m_folder.filePath(QStringLiteral("remember")));
    ComparePage& page = opened.page;
    const auto openAgain = [&] {
      opened.document.close();
      QCOMPARE(page.strip()->entryCount(), 0);
      opened.document.open(toQString(opened.made.project_file));
      QTRY_VERIFY(opened.document.isOpen());
    };
    QVERIFY(!page.removeButton()->isEnabled());  // a probe is the project's
    const QString folder = QFileInfo(toQString(opened.made.project_file)).path();
    page.addPictures({folder + QStringLiteral("/second.png"), folder + QStringLiteral("/third.png")});
    QCOMPARE(page.strip()->entryCount(), 4);
    QVERIFY(!opened.document.isModified());
    openAgain();
    QCOMPARE(page.strip()->entryCount(), 4);
    QCOMPARE(page.strip()->fileOf(3), folder + QStringLiteral("/third.png"));
    page.strip()->setCurrentRow(3);
    QVERIFY(page.removeButton()->isEnabled());
    QTest::mouseClick(page.removeButton(), Qt::LeftButton);
    QCOMPARE(page.strip()->entryCount(), 3);
    page.strip()->setCurrentRow(0);
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.strip()->setFocus();
    QTest::keyClick(page.strip(), Qt::Key_Delete);
    QCOMPARE(page.strip()->entryCount(), 3);
    page.strip()->setCurrentRow(2);
    QTest::keyClick(page.strip(), Qt::Key_Delete);
    QCOMPARE(page.strip()->entryCount(), 2);
    openAgain();
    QCOMPARE(page.strip()->entryCount(), 2);
  }

  void takesDroppedPictures() {
    Opened opened(m_folder.filePath(QStringLiteral("drop")));
    const QString broken = m_folder.filePath(QStringLiteral("broken.png"));
    QFile file(broken);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no picture");
    file.close();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(broken)});
    QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&opened.page, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&opened.page, &drop);
    QCOMPARE(opened.page.strip()->entryCount(), 3);
    QCOMPARE(opened.page.strip()->currentRow(), 2);
    QTRY_VERIFY(opened.page.picture()->whyEmpty().contains(QStringLiteral("broken.png")));
    takePicture(&opened.page, QStringLiteral("compare-broken"));
  }

  void needsAProject() {
    ProjectDocument document;
    RunWatcher run;
    ServeClient serve;
    ComparePage page(&document, &run, &serve);
    page.resize(880, 620);
    page.show();
    page.ask();
    QVERIFY(!page.isBusy() && page.rows().empty());
  }

 private:
  using Opened = OpenedCompare;
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ComparePageTest)
#include "tst_compare_page.moc"
