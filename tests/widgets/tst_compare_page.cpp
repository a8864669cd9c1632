// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>
#include <QUrl>

#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/answer_card.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/shared/picture_view.h"
#include "widgets/pages/compare/word_difference.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"

namespace llavakd {
class ComparePageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.filePath(QStringLiteral("settings")));
    theme::apply(*qApp, theme::Appearance::light);
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  void underlinesTheWordsThatDiffer() {
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

  void asksBoth() {
    Opened opened(m_folder.filePath(QStringLiteral("ask")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.question()->text(), QStringLiteral("What is at the top left?"));
    QTRY_VERIFY(page.picture()->hasPicture());
    QTest::mouseClick(opened.button(QStringLiteral("Ask both")), Qt::LeftButton);
    QVERIFY(page.isBusy());
    QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    QVERIFY(!page.isBusy());
    QCOMPARE(page.student()->answer(), QStringLiteral("A red circle and a blue square."));
    QCOMPARE(page.student()->figuresText(), QStringLiteral("First token after 310 ms · 17.3 tokens/s"));
    auto* text = page.student()->findChild<QTextBrowser*>();
    QVERIFY(text->toHtml().contains(QStringLiteral("underline")));
    takePicture(&page, QStringLiteral("compare"));
    page.resize(880, 620);
    takePicture(&page, QStringLiteral("compare-small"));
  }

  void asksTheChosenCheckpoint() {
    Opened opened(m_folder.filePath(QStringLiteral("checkpoint")));
    QComboBox* checkpoints = opened.page.checkpoints();
    QTRY_COMPARE(checkpoints->count(), 3);  // SFT-160, DPT-80, before training
    QCOMPARE(checkpoints->currentData().toString(), QStringLiteral("checkpoints/SFT-160"));
    checkpoints->setCurrentIndex(1);
    opened.page.question()->setText(QStringLiteral("before?"));
    opened.page.ask();
    QTRY_COMPARE(opened.page.student()->answer(), QStringLiteral("DPT-80/model"));
  }

  /// What is under a heading was said to that picture, question and checkpoint.
  void showsAnAnswerOnlyUnderItsQuestion() {
    Opened opened(m_folder.filePath(QStringLiteral("heading")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    QTest::mouseClick(opened.button(QStringLiteral("Ask both")), Qt::LeftButton);
    QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    const auto item = [&](int row) {
      return page.strip()->visualItemRect(page.strip()->item(row)).center();
    };
    QTest::mouseClick(page.strip()->viewport(), Qt::LeftButton, {}, item(1));
    QCOMPARE(page.question()->text(), QStringLiteral("Which colour has the ball?"));
    QVERIFY(!page.teacher()->hasAnswer() && !page.student()->hasAnswer());
    QTest::mouseClick(page.strip()->viewport(), Qt::LeftButton, {}, item(0));
    QVERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    page.checkpoints()->setFocus();
    QTest::keyClick(page.checkpoints(), Qt::Key_Down);
    QCOMPARE(page.checkpoints()->currentIndex(), 1);
    QVERIFY(page.teacher()->hasAnswer());  // the teacher has no checkpoint
    QVERIFY(!page.student()->hasAnswer());
    QTest::keyClick(page.checkpoints(), Qt::Key_Up);
    QVERIFY(page.student()->hasAnswer());
    QTest::keyClicks(page.question(), QStringLiteral(" Really?"));
    QVERIFY(!page.teacher()->hasAnswer() && !page.student()->hasAnswer());
  }

  /// An answer that comes late belongs to what was asked, not to what is chosen by then.
  void aLateAnswerKeepsItsQuestion() {
    Opened opened(m_folder.filePath(QStringLiteral("late")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    page.question()->setText(QStringLiteral("slow?"));
    page.ask();
    page.question()->setText(QStringLiteral("another?"));
    QVERIFY(page.isBusy());
    QTRY_VERIFY(!page.isBusy());
    QVERIFY(!page.teacher()->hasAnswer() && !page.student()->hasAnswer());
    page.question()->setText(QStringLiteral("slow?"));
    QVERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
  }

  /// A newer checkpoint doesn't put its name over the answer of an older one.
  void aNewCheckpointLeavesTheAnswer() {
    Opened opened(m_folder.filePath(QStringLiteral("newer")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    page.ask();
    QTRY_VERIFY(page.student()->hasAnswer());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({0, "DFT", 20, 180, CheckpointEvent{.path = "checkpoints/DFT-180"}});
    QTRY_COMPARE(page.checkpoints()->count(), 4);
    QCOMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/SFT-160"));
    QVERIFY(page.student()->hasAnswer());
  }

  /// Nor does the first checkpoint take away the answer of the untrained student.
  void aFirstCheckpointLeavesTheAnswer() {
    MadeRunPlan plan;
    plan.steps_done = 20;
    Opened opened(m_folder.filePath(QStringLiteral("first")), plan);
    ComparePage& page = opened.page;
    QTRY_VERIFY(opened.run.progress().step > 0);  // its events are here, and no checkpoint is among them
    QCOMPARE(page.checkpoints()->count(), 1);
    page.ask();
    QTRY_VERIFY(page.student()->hasAnswer());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({0, "DPT", 20, 20, CheckpointEvent{.path = "checkpoints/DPT-20"}});
    QTRY_VERIFY(page.checkpoints()->count() > 1);
    QVERIFY(page.checkpoints()->currentData().toString().isEmpty());
    QVERIFY(page.student()->hasAnswer());
  }

  /// Another run is shown by its newest checkpoint, though the untrained student's answer is known already.
  void anotherRunShowsItsNewestCheckpoint() {
    Opened opened(m_folder.filePath(QStringLiteral("another-run")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    page.checkpoints()->setFocus();
    for (int i = 0; i < 2; ++i) QTest::keyClick(page.checkpoints(), Qt::Key_Down);
    QCOMPARE(page.checkpoints()->currentData().toString(), QString());
    page.ask();
    QTRY_VERIFY(!page.isBusy() && page.student()->hasAnswer());
    for (int i = 0; i < 2; ++i) QTest::keyClick(page.checkpoints(), Qt::Key_Up);
    QCOMPARE(page.checkpoints()->currentIndex(), 0);
    Q_EMIT opened.run.reset();
    QVERIFY(page.student()->hasAnswer());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({0, "DFT", 20, 180, CheckpointEvent{.path = "checkpoints/DFT-180"}});
    QTRY_COMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/DFT-180"));
    QVERIFY(!page.student()->hasAnswer());
  }

  /// The engine reads the project's file: an answer of its models is never shown under others that aren't saved yet.
  void answersForTheSavedProjectOnly() {
    Opened opened(m_folder.filePath(QStringLiteral("unsaved")));
    ComparePage& page = opened.page;
    page.ask();
    QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    opened.document.edit(QStringLiteral("notes"), [](Project& project) { project.notes = "none"; });
    QVERIFY(page.teacher()->hasAnswer());
    for (const auto& change : {+[](Project& project) { project.teacher.checkpoint = "other"; },
                               +[](Project& project) {
                                 project.run.seed = 7;
                               }}) {
      opened.document.edit(QStringLiteral("change"), change);
      QVERIFY(!page.teacher()->hasAnswer() && !page.student()->hasAnswer());
      QTest::mouseClick(opened.button(QStringLiteral("Ask both")), Qt::LeftButton);
      QVERIFY(!page.isBusy());
      QVERIFY(page.message()->isVisible());
      QTest::mouseClick(page.message()->findChild<QPushButton*>(), Qt::LeftButton);
      QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
      QVERIFY(!opened.document.isModified());
      QVERIFY(!page.message()->isVisible());
    }
  }

  /// Short answers have no speed, and one that ran into the limit says so.
  void saysWhatTheFiguresMean() {
    AnswerCard card(theme::Who::student, QStringLiteral("Student"));
    card.setAnswer({.text = QStringLiteral("waffle"), .seconds = 0.7434, .firstTokenSeconds = 0.7434});
    QCOMPARE(card.figuresText(), QStringLiteral("First token after 743 ms"));
    card.setAnswer({.text = QStringLiteral("a b c"), .seconds = 2, .tokensPerSecond = 252.4, .cutAt = 128});
    QCOMPARE(card.figuresText(), QStringLiteral("Cut off at 128 tokens · 252 tokens/s"));
    card.setAnswer({.text = QStringLiteral("d"), .seconds = 2, .firstTokenSeconds = 1.234});
    QCOMPARE(card.figuresText(), QStringLiteral("First token after 1.23 s"));
    QVERIFY(card.moreButton()->isHidden());  // the model has no position left
  }

  /// A cut answer stays until the longer one is there, or for good.
  void goesOnWhereAnAnswerWasCut() {
    Opened opened(m_folder.filePath(QStringLiteral("cut")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    page.question()->setText(QStringLiteral("long?"));
    QTest::mouseClick(opened.button(QStringLiteral("Ask both")), Qt::LeftButton);
    QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    QVERIFY(page.student()->figuresText().startsWith(QStringLiteral("Cut off at 128 tokens")));
    QVERIFY(page.student()->moreButton()->isVisible() && page.teacher()->moreButton()->isVisible());
    QTest::mouseClick(page.student()->moreButton(), Qt::LeftButton);
    QVERIFY(page.isBusy() && page.student()->hasAnswer() && !page.student()->moreButton()->isVisible());
    QTest::mouseClick(opened.button(QStringLiteral("Cancel")), Qt::LeftButton);
    QVERIFY(page.student()->answer().endsWith(QStringLiteral(" And")) && page.student()->moreButton()->isVisible());
    QTest::mouseClick(page.student()->moreButton(), Qt::LeftButton);
    QTRY_VERIFY(page.student()->answer().endsWith(QStringLiteral(" And more.")));
    QVERIFY(!page.student()->moreButton()->isVisible());
    QVERIFY(page.teacher()->answer().endsWith(QStringLiteral(" And")));
  }

  void cancels() {
    Opened opened(m_folder.filePath(QStringLiteral("cancel")));
    QTest::keyClicks(opened.page.question(), QStringLiteral(" wait"));
    QTest::keyClick(opened.page.question(), Qt::Key_Return);
    QVERIFY(opened.page.isBusy());
    takePicture(&opened.page, QStringLiteral("compare-busy"));
    QTest::mouseClick(opened.button(QStringLiteral("Cancel")), Qt::LeftButton);
    QVERIFY(!opened.page.isBusy());
    QVERIFY(opened.button(QStringLiteral("Ask both"))->isVisible());
    opened.page.question()->setText(QStringLiteral("again?"));
    opened.page.ask();
    QTRY_VERIFY(opened.page.student()->hasAnswer());
  }

  void saysWhyThereIsNoAnswer() {
    Opened opened(m_folder.filePath(QStringLiteral("refuse")));
    opened.page.question()->setText(QStringLiteral("refuse"));
    opened.page.ask();
    QTRY_VERIFY(!opened.page.isBusy());
    QCOMPARE(opened.page.teacher()->failure(), QStringLiteral("first.png is no picture."));
    takePicture(&opened.page, QStringLiteral("compare-error"));
    opened.page.question()->setText(QStringLiteral("odd"));
    opened.page.ask();
    QVERIFY(opened.page.teacher()->failure().isEmpty());  // it was the other question's
    QTRY_VERIFY(!opened.page.isBusy());
    QVERIFY(opened.page.teacher()->failure().contains(QStringLiteral("holds no answer")));
    const QRect other = opened.page.strip()->visualItemRect(opened.page.strip()->item(1));
    QTest::mouseClick(opened.page.strip()->viewport(), Qt::LeftButton, {}, other.center());
    QVERIFY(opened.page.teacher()->failure().isEmpty());
  }

  /// A message leaves the buttons under the pointer, and goes with its cause.
  void aMessageMovesNothing() {
    Opened opened(m_folder.filePath(QStringLiteral("still")));
    ActionButton* ask = opened.button(QStringLiteral("Ask both"));
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
    page.ask();
    QTRY_VERIFY(page.teacher()->hasAnswer() && page.student()->hasAnswer());
    const auto* area = page.findChild<QScrollArea*>();
    for (const QSize size : {QSize(620, 380), QSize(888, 600)}) {
      page.resize(size);
      QTest::qWait(50);
      QCOMPARE(page.size(), size);
      QCOMPARE(area->horizontalScrollBar()->maximum(), 0);
      QVERIFY(page.teacher()->geometry().right() < page.student()->x());
      QVERIFY(page.picture()->width() >= 120 && page.picture()->height() >= 120);
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

  /// Any run of the project can be asked, and each keeps the answers of its own checkpoints.
  void asksTheChosenRun() {
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
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/DPT-40"));
    page.question()->setText(QStringLiteral("before?"));
    page.ask();
    QTRY_COMPARE(page.student()->answer(), QStringLiteral("DPT-40/model"));
    opened.run.choose(toQString(made.run_folder));
    QTRY_COMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/SFT-160"));
    QVERIFY(!page.student()->hasAnswer() && page.teacher()->hasAnswer());
    page.ask();
    QTRY_COMPARE(page.student()->answer(), QStringLiteral("SFT-160/model"));
    opened.run.choose(toQString(other.path));
    QTRY_COMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/DPT-40"));
    QCOMPARE(page.student()->answer(), QStringLiteral("DPT-40/model"));
  }

  /// After a resume a checkpoint of the same name is another student.
  void forgetsTheAnswerOfARewrittenCheckpoint() {
    Opened opened(m_folder.filePath(QStringLiteral("rewritten")));
    ComparePage& page = opened.page;
    QTRY_COMPARE(page.checkpoints()->count(), 3);
    page.ask();
    QTRY_VERIFY(page.student()->hasAnswer());
    EventLog(RunFolder{opened.made.run_folder}.events())
        .append({7, "SFT", 80, 160, CheckpointEvent{.path = "checkpoints/SFT-160"}});
    QTRY_VERIFY(!page.student()->hasAnswer());
  }

  void takesDroppedPictures() {
    Opened opened(m_folder.filePath(QStringLiteral("drop")));
    QTRY_COMPARE(opened.page.strip()->entryCount(), 2);
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
    QVERIFY(!page.isBusy());
  }

 private:
  struct Opened : OpenedRun {
    explicit Opened(const QString& folder, const MadeRunPlan& plan = {}) : Opened(make_run(toPath(folder), plan)) {}
    explicit Opened(const MadeRun& made_run) : OpenedRun(made_run) {
      page.resize(1280, 800);
      page.show();
      open();
      [this] {
        QTRY_COMPARE(page.strip()->entryCount(), 2);
      }();
    }
    ActionButton* button(const QString& text) {
      for (auto* found : page.findChildren<ActionButton*>())
        if (found->text().remove(u'&') == text) return found;
      return nullptr;
    }
    ServeClient serve;
    ComparePage page{&document, &run, &serve};
  };
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ComparePageTest)
#include "tst_compare_page.moc"
