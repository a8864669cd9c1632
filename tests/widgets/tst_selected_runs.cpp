// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QTreeWidget>

#include "made_run.h"
#include "shown_runs.h"
#include "widgets/pages/runs/export_menu.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {

/// What is shown of the runs that are selected, and what can be done to them.
class SelectedRunsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  /// The chosen run's total is drawn small; a run without a step has no line.
  void drawsTheTotalOfTheChosenRun() {
    MadeProject made;
    const QString empty = writeListedRun(made, {.id = "empty", .started = 1763978500, .status = "failed", .steps = 0});
    const QString falling = writeListedRun(made, {.id = "falling", .steps = 0});
    EventLog log(RunFolder{toPath(falling)}.events());
    for (int step = 1; step <= 4; ++step)
      log.append({.time = 1763978400.0 + step,
                  .stage = "DPT",
                  .stage_step = step,
                  .step = step,
                  .body = StepEvent{.total = 4.5 - step}});
    ShownPage shown(made, 2);
    auto* caption = shown.page.findChild<TextLabel*>(QStringLiteral("previewCaption"));
    auto* line = shown.page.findChild<QWidget*>(QStringLiteral("previewLine"));
    shown.click(shown.cell(falling, RunField::name));
    QTRY_VERIFY(line->isVisible());
    QCOMPARE(caption->text(), QStringLiteral("Total, from %1 to %2").arg(theme::number(3.5), theme::number(0.5)));
    shown.click(shown.cell(empty, RunField::name));
    QVERIFY(!line->isVisible());
    shown.click(shown.cell(falling, RunField::name));
    QTRY_VERIFY(line->isVisible());
    log.append({.time = 1763978405, .stage = "DPT", .stage_step = 5, .step = 5, .body = StepEvent{.total = 0.25}});
    shown.page.catalog()->refresh();
    QTRY_VERIFY2(caption->text().endsWith(theme::number(0.25)), qPrintable(caption->text()));
  }

  /// A short table leaves the room to what is known of the chosen run; its buttons are in sight in a small window, too.
  void aShortTableLeavesRoom() {
    MadeProject made;
    const QString one = writeListedRun(made, {.id = "one"});
    ShownPage shown(made, 1);
    shown.click(shown.cell(one, RunField::name));
    auto* open = shown.page.findChild<QPushButton*>(QStringLiteral("open-train"));
    auto* details = open->parentWidget()->parentWidget();
    QTRY_VERIFY(details->height() > shown.table()->height());
    shown.page.resize(888, 560);
    QTest::qWait(50);
    for (const char* name : {"open-train", "deleteRun", "clearUpCheckpoints"}) {
      auto* button = shown.page.findChild<QPushButton*>(QLatin1String(name));
      const QRect place(button->mapTo(&shown.page, QPoint()), button->size());
      QVERIFY2(button->isVisible() && shown.page.rect().contains(place) && !button->visibleRegion().isEmpty(), name);
    }
  }

  /// Several runs side by side: what differs, by stage, and their results.
  void comparesRuns() {
    MadeProject made;
    const QString slow = writeListedRun(made, {.id = "slow", .score = 50});
    const QString fast =
        writeListedRun(made, {.id = "fast", .started = 1763978500, .score = 52.5, .change = [](Project& project) {
                                project.stages[0].learning_rate = 0.5;
                              }});
    ShownPage shown(made, 2);
    shown.click(shown.cell(slow, RunField::name));
    shown.press(Qt::Key_B, Qt::ControlModifier);
    shown.click(shown.cell(fast, RunField::name), Qt::ControlModifier);
    auto* tree = shown.page.findChild<QTreeWidget*>(QStringLiteral("comparison"));
    QTRY_VERIFY(tree->isVisible() && tree->topLevelItemCount() > 1);
    const auto find = [&](const QString& name) -> QTreeWidgetItem* {
      for (QTreeWidgetItem* item : tree->findItems(name, Qt::MatchExactly | Qt::MatchRecursive))
        if (!item->isHidden()) return item;
      return nullptr;
    };
    QCOMPARE(tree->headerItem()->text(1), QStringLiteral("slow (baseline)"));
    QVERIFY(find(QStringLiteral("Score")));
    QCOMPARE(find(QStringLiteral("Score"))->text(2), QStringLiteral("52.5 % (+2.5)"));
    QVERIFY(find(QStringLiteral("learning_rate")));
    QCOMPARE(find(QStringLiteral("learning_rate"))->parent()->text(0), QStringLiteral("DPT"));
    QCOMPARE(find(QStringLiteral("learning_rate"))->text(2), QStringLiteral("0.5"));
    QVERIFY(!find(QStringLiteral("batch_size")));
    QTest::mouseClick(shown.page.findChild<QAbstractButton*>(QStringLiteral("onlyDifferences")), Qt::LeftButton, {},
                      {8, 8});
    QVERIFY(find(QStringLiteral("batch_size")));
  }

  /// The end of a name, by which runs differ, is in sight; what is equal isn't bold.
  void comparesRunsOfTheSameScore() {
    MadeProject made;
    const QString one = writeListedRun(made, {.id = "2026-11-30-204704", .score = 50});
    const QString two = writeListedRun(made, {.id = "2026-11-30-204933", .started = 1763978500, .score = 50.01});
    ShownPage shown(made, 2);
    shown.click(shown.cell(one, RunField::name));
    shown.press(Qt::Key_B, Qt::ControlModifier);
    shown.click(shown.cell(two, RunField::name), Qt::ControlModifier);
    auto* tree = shown.page.findChild<QTreeWidget*>(QStringLiteral("comparison"));
    QTRY_VERIFY(tree->isVisible() && !tree->findItems(QStringLiteral("Score"), Qt::MatchRecursive).isEmpty());
    const QTreeWidgetItem* score = tree->findItems(QStringLiteral("Score"), Qt::MatchRecursive).first();
    QCOMPARE(score->text(2), QStringLiteral("50.0 %"));
    QVERIFY(!score->font(2).bold() && score->font(2).weight() < QFont::DemiBold);
    for (const int column : {1, 2}) {
      const QString name = tree->headerItem()->text(column);
      QVERIFY2(tree->columnWidth(column) > tree->header()->fontMetrics().horizontalAdvance(name), qPrintable(name));
    }
  }

  /// A checkpoint goes after a question that says how many bytes that frees; a pinned one and the newest stay.
  void deletesCheckpoints() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "saved", .status = "stopped"});
    for (const char* name : {"DPT-1", "DPT-2", "DPT-4"}) writeListedCheckpoint(folder, name, 300'000);
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    auto* list = shown.page.findChild<QTreeWidget*>(QStringLiteral("checkpoints"));
    QTRY_COMPARE(list->topLevelItemCount(), 3);
    auto* deletes = shown.page.findChild<QPushButton*>(QStringLiteral("deleteCheckpoints"));
    const auto choose = [&](const QString& name) {
      QTreeWidgetItem* item = list->findItems(name, Qt::MatchExactly).value(0);
      QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(item).center());
    };
    choose(QStringLiteral("DPT-4"));
    QVERIFY(!deletes->isEnabled());
    QVERIFY(deletes->toolTip().contains(QStringLiteral("Resume")));
    choose(QStringLiteral("DPT-1"));
    QVERIFY(deletes->isEnabled());
    const QString size = theme::bytesText(300'000);
    QVERIFY2(deletes->text().contains(size), qPrintable(deletes->text()));
    QString asked;
    answerDeletion(false, &asked);
    QTest::mouseClick(deletes, Qt::LeftButton);
    QVERIFY2(asked.contains(QStringLiteral("DPT-1")) && asked.contains(size), qPrintable(asked));
    QVERIFY(QDir(folder + QStringLiteral("/checkpoints/DPT-1")).exists());
    answerDeletion(true);
    QTest::mouseClick(deletes, Qt::LeftButton);
    QTRY_COMPARE(list->topLevelItemCount(), 2);
    QVERIFY(!QDir(folder + QStringLiteral("/checkpoints/DPT-1")).exists());
    choose(QStringLiteral("DPT-2"));
    QTest::mouseClick(shown.page.findChild<QPushButton*>(QStringLiteral("pinCheckpoint")), Qt::LeftButton);
    QTRY_COMPARE(read_run_notes({toPath(folder)}).pinned, (std::vector<std::string>{"DPT-2"}));
    choose(QStringLiteral("DPT-2"));
    QTRY_VERIFY(!deletes->isEnabled() && deletes->toolTip().contains(QStringLiteral("pinned")));
  }

  /// Nothing resumes a run that has finished.
  void aFinishedRunHasNothingToResume() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "whole"});
    writeListedCheckpoint(folder, "DPT-4", 1000);
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    auto* list = shown.page.findChild<QTreeWidget*>(QStringLiteral("checkpoints"));
    QTRY_COMPARE(list->topLevelItemCount(), 1);
    QTreeWidgetItem* newest = list->topLevelItem(0);
    QVERIFY2(!newest->text(4).contains(QStringLiteral("Resume")), qPrintable(newest->text(4)));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(newest).center());
    const auto* deletes = shown.page.findChild<QPushButton*>(QStringLiteral("deleteCheckpoints"));
    QVERIFY(!deletes->isEnabled());
    QVERIFY2(deletes->toolTip().startsWith(QStringLiteral("DPT-4 is the run's newest")),
             qPrintable(deletes->toolTip()));
  }

  /// The student of the chosen checkpoint is written by the engine, which proves that it is the same.
  void exportsACheckpoint() {
    MadeProject made;
    write_made_engine(toPath(made.path({})));
    qputenv("PATH", QFile::encodeName(made.path({})) + ':' + qgetenv("PATH"));
    const QString folder = writeListedRun(made, {.id = "saved"});
    writeListedCheckpoint(folder, "DPT-4", 1000);
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    auto* list = shown.page.findChild<QTreeWidget*>(QStringLiteral("checkpoints"));
    QTRY_COMPARE(list->topLevelItemCount(), 1);
    auto* button = shown.page.findChild<QPushButton*>(QStringLiteral("exportCheckpoint"));
    QVERIFY(!button->isEnabled());
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->topLevelItem(0)).center());
    QVERIFY(button->isEnabled());
    auto* menu = qobject_cast<ExportMenu*>(button->menu());
    QCOMPARE(menu->actions().size(), 3);
    menu->exportTo(QStringLiteral("hf"), made.path(QStringLiteral("student")));
    QTRY_VERIFY2(shown.page.message()->text().contains(QStringLiteral("bit for bit")),
                 qPrintable(shown.page.message()->text()));
    QVERIFY(shown.page.message()->text().startsWith(QStringLiteral("DPT-4 is in ")));
    menu->exportTo(QStringLiteral("hf"), made.path(QStringLiteral("refused")));
    QTRY_VERIFY2(shown.page.message()->text().startsWith(QStringLiteral("refused holds files")),
                 qPrintable(shown.page.message()->text()));
  }

  /// Whoever deletes what all others are compared with is told so.
  void saysThatTheBaselineIsDeleted() {
    MadeProject made;
    const QString first = writeListedRun(made, {.id = "first"});
    const QString second = writeListedRun(made, {.id = "second", .started = 1763978500});
    ShownPage shown(made, 2);
    shown.click(shown.cell(first, RunField::name));
    shown.press(Qt::Key_B, Qt::ControlModifier);
    auto* deletes = shown.page.findChild<QPushButton*>(QStringLiteral("deleteRun"));
    const auto askedFor = [&](const QString& folder) {
      shown.click(shown.cell(folder, RunField::name));
      QString asked;
      answerDeletion(false, &asked);
      QTest::mouseClick(deletes, Qt::LeftButton);
      return asked;
    };
    const QString ofSecond = askedFor(second), ofFirst = askedFor(first);
    QVERIFY2(ofSecond.contains(QStringLiteral("second")) && !ofSecond.contains(QStringLiteral("baseline")),
             qPrintable(ofSecond));
    QVERIFY2(ofFirst.contains(QStringLiteral("first is the baseline")), qPrintable(ofFirst));
    QVERIFY(QDir(first).exists());
  }

  void deletesARun() {
    MadeProject made;
    const QString gone = writeListedRun(made, {.id = "gone"});
    const QString kept = writeListedRun(made, {.id = "kept", .started = 1763978500});
    ShownPage shown(made, 2);
    shown.run.choose(gone);
    shown.selection.setTicked(gone, true);
    shown.click(shown.cell(gone, RunField::name));
    QString asked;
    answerDeletion(true, &asked);
    shown.press(Qt::Key_Delete);
    QTRY_COMPARE(shown.table()->model()->rowCount(), 1);
    QVERIFY(asked.contains(QStringLiteral("gone")));
    QVERIFY(!QDir(gone).exists());
    QTRY_COMPARE(shown.run.runFolder(), kept);
    QVERIFY(!shown.selection.isTicked(gone));
  }

  /// The runs of an ablation as its table: arms and seeds, with differences to the arm that is chosen.
  void showsAnAblation() {
    MadeProject made;
    const auto write = [&](const std::vector<std::string>& stages, int seed, double score) {
      const std::string id = "ablate-" + std::to_string(stages.size()) + "-s" + std::to_string(seed);
      const QString folder = writeListedRun(made, {.id = id.c_str(), .change = [&](Project& project) {
                                                     project.schedule = stages;
                                                     project.run.seed = seed;
                                                   }});
      const RunFolder run{toPath(folder)};
      RunInfo info = read_run_info(run);
      info.kind = RunKind::ablate;
      write_run_info(run, info);
      QDir(folder).mkpath(QStringLiteral("eval"));
      QFile out(folder + QStringLiteral("/eval/%1-%2.json").arg(toQString(stages.back())).arg(4 * stages.size()));
      QVERIFY(out.open(QIODevice::WriteOnly));
      out.write(QStringLiteral(R"([{"task": "exact_match", "score": %1, "score_is": "mean over 2 types"}])")
                    .arg(score)
                    .toUtf8());
    };
    for (const int seed : {0, 1, 2}) {
      write({"DPT"}, seed, 50);
      write({"DPT", "SFT"}, seed, 51 + seed);
    }
    ShownPage shown(made, 6);
    auto* button = shown.page.findChild<QAbstractButton*>(QStringLiteral("showAblation"));
    QTRY_VERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* table = shown.page.findChild<QTreeWidget*>(QStringLiteral("ablationTable"));
    QTRY_COMPARE(table->topLevelItemCount(), 2);
    QVERIFY(table->isVisible() && !shown.table()->isVisible());
    QTreeWidgetItem* longer = table->topLevelItem(1);
    QCOMPARE(longer->text(0), QStringLiteral("DPT-SFT"));
    QCOMPARE(longer->text(1), theme::wholeNumber(8));
    QCOMPARE(longer->text(3), theme::fixedNumber(52, 2));
    const QString spread = theme::signedNumber(2, 2) + QStringLiteral(" ± ") + theme::fixedNumber(1, 2);
    QCOMPARE(longer->text(6), spread);
    QCOMPARE(longer->text(7), theme::signedNumber(-0.48, 2) + QStringLiteral(" to ") + theme::signedNumber(4.48, 2));
    QSignalSpy asked(&shown.page, &RunsPage::pageRequested);
    const QPoint score = table->visualItemRect(longer).center();
    const int x = table->columnViewportPosition(3) + 4;
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, {x, score.y()});
    QTest::mouseDClick(table->viewport(), Qt::LeftButton, {}, {x, score.y()});
    QCOMPARE(asked.size(), 1);
    QCOMPARE(shown.run.runFolder(), made.path(QStringLiteral("runs/ablate-2-s1")));
    auto* baseline = shown.page.findChild<QComboBox*>(QStringLiteral("ablationBaseline"));
    baseline->setFocus();
    QTest::keyClick(baseline, Qt::Key_Down);
    QCOMPARE(baseline->currentText(), QStringLiteral("DPT-SFT"));
    QVERIFY(table->topLevelItem(0)->text(6).startsWith(theme::signedNumber(-2, 2)));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(shown.table()->isVisible());
  }

  /// While an engine is at work on a run, neither it nor its checkpoints can be deleted.
  void keepsARunningRun() {
    MadeProject made;
    write_made_engine(toPath(made.path({})));
    QProcess engine;  // its command line has the program's name, as a run's has
    engine.start(made.path(QStringLiteral("llavakd")), {QStringLiteral("serve")});
    QVERIFY(engine.waitForStarted());
    const QString folder =
        writeListedRun(made, {.id = "running", .status = "running", .steps = 2, .pid = engine.processId()});
    writeListedCheckpoint(folder, "DPT-1", 1000);
    writeListedCheckpoint(folder, "DPT-2", 1000);
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    QCOMPARE(shown.text(folder, RunField::state), QStringLiteral("Running"));
    QVERIFY(!shown.page.findChild<QPushButton*>(QStringLiteral("deleteRun"))->isEnabled());
    auto* list = shown.page.findChild<QTreeWidget*>(QStringLiteral("checkpoints"));
    QTRY_COMPARE(list->topLevelItemCount(), 2);
    list->selectAll();
    QVERIFY(!shown.page.findChild<QPushButton*>(QStringLiteral("deleteCheckpoints"))->isEnabled());
    shown.press(Qt::Key_Delete);
    QVERIFY(QDir(folder).exists());
    engine.kill();
    engine.waitForFinished();
    QTRY_COMPARE(shown.text(folder, RunField::state), QStringLiteral("Interrupted"));
    QVERIFY(shown.page.findChild<QPushButton*>(QStringLiteral("deleteRun"))->isEnabled());
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::SelectedRunsTest)
#include "tst_selected_runs.moc"
