// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QMessageBox>
#include <QPointer>
#include <QProcess>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QTreeWidget>

#include "listed_runs.h"
#include "made_run.h"
#include "widgets/pages/runs/export_menu.h"
#include "widgets/pages/runs/import_menu.h"
#include "widgets/pages/runs/runs_filter.h"
#include "widgets/pages/runs/runs_model.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

using RunField = RunsModel::Field;

// Presses the button of the next question that deletes, or Cancel; keeps what was asked.
void answerDeletion(bool deletes, QString* asked = nullptr) {
  QTimer::singleShot(100, qApp, [deletes, asked] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (!box) return;
    if (asked) *asked = box->text() + QLatin1Char('\n') + box->informativeText();
    for (QAbstractButton* button : box->buttons())
      if ((box->buttonRole(button) == QMessageBox::DestructiveRole) == deletes)
        return QTest::mouseClick(button, Qt::LeftButton);
  });
}

/// The page of a made project, shown and read.
struct ShownPage {
  explicit ShownPage(const MadeProject& made, int rows) {
    run.setProjectFile(made.file());
    page.resize(1300, 800);
    page.show();
    page.activateWindow();
    [&] {
      QTRY_COMPARE(table()->model()->rowCount(), rows);
    }();
  }
  RunsTable* table() const { return page.table(); }
  QModelIndex cell(const QString& folder, RunField field) const {
    const RunsModel* runs = table()->runs();
    return table()->filter()->mapFromSource(runs->index(runs->rowOf(folder), runs->columnOf(field)));
  }
  QString text(const QString& folder, RunField field) const { return cell(folder, field).data().toString(); }
  void click(const QModelIndex& index, Qt::KeyboardModifiers keys = {}) const {
    table()->scrollTo(index);
    QTest::mouseClick(table()->viewport(), Qt::LeftButton, keys, table()->visualRect(index).center());
  }
  void press(Qt::Key key, Qt::KeyboardModifiers keys = {}) const {
    table()->setFocus();
    QVERIFY(QTest::qWaitForWindowActive(table()->window()));
    QTest::keyClick(table(), key, keys);
  }
  ProjectDocument document;
  RunWatcher run;
  RunController controller{&document, &run};
  RunSelection selection{&run};
  RunsPage page{{&document, &run, &controller, nullptr, &selection}};
};

}  // namespace

class RunsPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void saysThatThereIsNoRun() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    RunController controller(&document, &run);
    RunSelection selection(&run);
    RunsPage page({&document, &run, &controller, nullptr, &selection});
    page.show();
    auto* empty = page.findChild<TextLabel*>(QStringLiteral("runsEmpty"));
    run.setProjectFile(made.file());
    QVERIFY(empty->text().startsWith(QStringLiteral("Reading")));
    QTRY_VERIFY(empty->text().startsWith(QStringLiteral("No run yet")));
    QVERIFY(empty->isVisible());
    QVERIFY(!page.findChild<QLineEdit*>(QStringLiteral("runFilter"))->isEnabled());
    const QString folder = writeListedRun(made, {});
    QTRY_COMPARE(page.table()->model()->rowCount(), 1);
    QVERIFY(page.table()->isVisible());
  }

  /// All runs with their results; another project's is named as such, and can't be opened.
  void listsRuns() {
    MadeProject made;
    Project other = MadeProject::project();
    save_project(other, toPath(made.path(QStringLiteral("other.kdproj"))));
    const QString scored = writeListedRun(made, {.id = "scored", .started = 1763978400, .score = 58.333});
    const QString failed = writeListedRun(made, {.id = "early", .started = 1763982000, .status = "failed", .steps = 0});
    const QString foreign =
        writeListedRun(made, {.id = "foreign",
                              .started = 1763985600,
                              .project_file = made.path(QStringLiteral("other.kdproj")).toStdString()});
    made.write(QStringLiteral("runs/broken/run.json"), {});
    QDir(made.path(QStringLiteral("runs"))).mkpath(QStringLiteral("broken"));
    made.write(QStringLiteral("runs/broken/run.json"), "{");
    ShownPage shown(made, 4);
    QCOMPARE(shown.text(scored, RunField::state), QStringLiteral("Finished"));
    QCOMPARE(shown.text(scored, RunField::score), QStringLiteral("58.3 %"));
    QCOMPARE(shown.text(scored, RunField::total), QStringLiteral("1.500"));
    QCOMPARE(shown.text(scored, RunField::steps), QStringLiteral("4 of 4"));
    QCOMPARE(shown.text(failed, RunField::state), QStringLiteral("Failed at start"));
    QCOMPARE(shown.text(foreign, RunField::project), QStringLiteral("other.kdproj"));
    QCOMPARE(shown.text(made.path(QStringLiteral("runs/broken")), RunField::state), QStringLiteral("Damaged"));
    QTRY_VERIFY(shown.text(scored, RunField::size) != QStringLiteral("…"));

    QSignalSpy asked(&shown.page, &RunsPage::pageRequested);
    shown.click(shown.cell(foreign, RunField::name));
    QVERIFY(!shown.page.findChild<QPushButton*>(QStringLiteral("open-train"))->isEnabled());
    QVERIFY(shown.page.findChild<TextLabel*>(QStringLiteral("runMessage"))
                ->text()
                .contains(QStringLiteral("other.kdproj")));
    shown.press(Qt::Key_Return);
    QCOMPARE(asked.size(), 0);
    shown.click(shown.cell(scored, RunField::name));
    shown.press(Qt::Key_Return);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.last()[0].toString(), QStringLiteral("train"));
    QCOMPARE(shown.run.runFolder(), scored);
    QTest::mouseClick(shown.page.findChild<QPushButton*>(QStringLiteral("open-compare")), Qt::LeftButton);
    QCOMPARE(asked.last()[0].toString(), QStringLiteral("compare"));
  }

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

  /// A click on a column's title sorts; runs without a value come last both ways.
  /// In the narrowest window nothing in the head is over anything else.
  void theHeadFitsANarrowWindow() {
    MadeProject made;
    writeListedRun(made, {});
    ShownPage shown(made, 1);
    shown.page.resize(620, 400);
    auto* filter = shown.page.findChild<QLineEdit*>(QStringLiteral("runFilter"));
    const auto* head = filter->parentWidget();
    QTRY_VERIFY(head->width() < 620);
    const auto parts = head->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    for (const QWidget* part : parts)
      if (part != filter && part->isVisible()) QVERIFY(!part->geometry().intersects(filter->geometry()));
  }

  void sortsByAColumn() {
    MadeProject made;
    const QString low = writeListedRun(made, {.id = "low", .started = 1763978400, .score = 40});
    const QString none = writeListedRun(made, {.id = "none", .started = 1763978500});
    const QString high = writeListedRun(made, {.id = "high", .started = 1763978600, .score = 60});
    ShownPage shown(made, 3);
    const auto order = [&] {
      QStringList names;
      for (int row = 0; row < shown.table()->model()->rowCount(); ++row)
        names << shown.table()->model()->index(row, 0).data().toString();
      return names;
    };
    QCOMPARE(order(), QStringList({"high", "none", "low"}));  // the newest first
    QHeaderView* header = shown.table()->horizontalHeader();
    const auto clickTitle = [&](RunField field) {
      const int column = shown.table()->runs()->columnOf(field);
      QTest::mouseClick(
          header->viewport(), Qt::LeftButton, {},
          {header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2});
    };
    clickTitle(RunField::score);
    QCOMPARE(order().last(), QStringLiteral("none"));
    const QStringList once = order();
    clickTitle(RunField::score);
    QCOMPARE(order().last(), QStringLiteral("none"));
    QCOMPARE(order(), QStringList({once[1], once[0], once[2]}));
  }

  void filtersByWords() {
    MadeProject made;
    writeListedRun(made, {.id = "alpha"});
    const QString beta = writeListedRun(made, {.id = "beta", .started = 1763978500, .status = "stopped"});
    RunNotes notes;
    notes.text = "with more RDist";
    notes.tags = {"seed 2"};
    write_run_notes({toPath(beta)}, notes);
    ShownPage shown(made, 2);
    shown.press(Qt::Key_F, Qt::ControlModifier);
    auto* filter = shown.page.findChild<QLineEdit*>(QStringLiteral("runFilter"));
    QTRY_VERIFY(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("rdist seed"));
    QCOMPARE(shown.table()->model()->rowCount(), 1);
    QCOMPARE(shown.table()->model()->index(0, 0).data().toString(), QStringLiteral("beta"));
    QTest::keyClicks(filter, QStringLiteral(" nothing"));
    QCOMPARE(shown.table()->model()->rowCount(), 0);
    filter->clear();
    QCOMPARE(shown.table()->model()->rowCount(), 2);
  }

  /// Notes and tags are written by F2 and a double click, and kept with the run.
  void editsNotesAndTags() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "noted"});
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    shown.press(Qt::Key_F2);
    auto* editor = shown.table()->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, QStringLiteral("best so far"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(read_run_notes({toPath(folder)}).text, std::string("best so far"));
    const QModelIndex tags = shown.cell(folder, RunField::tags);
    shown.click(tags);
    QTest::mouseDClick(shown.table()->viewport(), Qt::LeftButton, {}, shown.table()->visualRect(tags).center());
    QTRY_VERIFY(shown.table()->viewport()->findChild<QLineEdit*>());
    editor = shown.table()->viewport()->findChild<QLineEdit*>();
    QTest::keyClicks(editor, QStringLiteral("paper, seed 1 ,paper"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(read_run_notes({toPath(folder)}).tags, (std::vector<std::string>{"paper", "seed 1"}));
    QCOMPARE(read_run_notes({toPath(folder)}).text, std::string("best so far"));
    QTRY_COMPARE(shown.text(folder, RunField::tags), QStringLiteral("paper, seed 1"));
    QVERIFY(!shown.page.message()->isVisible());
  }

  /// A tick, by the pointer or by Space, lays a run over Train's chart; the pinned baseline comes first.
  void ticksForTheOverlay() {
    MadeProject made;
    const QString one = writeListedRun(made, {.id = "one"});
    const QString two = writeListedRun(made, {.id = "two", .started = 1763978500});
    {
      ShownPage shown(made, 2);
      QSignalSpy changed(&shown.selection, &RunSelection::changed);
      QStyleOptionViewItem option;
      option.initFrom(shown.table());
      option.rect = shown.table()->visualRect(shown.cell(one, RunField::name));
      option.features = QStyleOptionViewItem::HasCheckIndicator | QStyleOptionViewItem::HasDisplay;
      const QRect box =
          shown.table()->style()->subElementRect(QStyle::SE_ItemViewItemCheckIndicator, &option, shown.table());
      QTest::mouseClick(shown.table()->viewport(), Qt::LeftButton, {}, box.center());
      QCOMPARE(changed.size(), 1);
      QVERIFY(shown.selection.isTicked(one));
      shown.click(shown.cell(two, RunField::state));
      shown.press(Qt::Key_Space);
      QVERIFY(shown.selection.isTicked(two));
      shown.press(Qt::Key_B, Qt::ControlModifier);
      const std::vector<OverlaidRun> overlaid = shown.selection.overlaid();
      QCOMPARE(overlaid.size(), size_t(2));
      QCOMPARE(overlaid[0], (OverlaidRun{two, QStringLiteral("two"), true}));
      QCOMPARE(overlaid[1], (OverlaidRun{one, QStringLiteral("one"), false}));
      QTRY_VERIFY(read_run_notes({toPath(two)}).baseline);
    }
    ShownPage again(made, 2);  // the next session
    QTRY_COMPARE(again.selection.baseline(), two);
    QVERIFY(again.selection.isTicked(one));
    again.click(again.cell(two, RunField::name));
    again.press(Qt::Key_B, Qt::ControlModifier);
    QTRY_VERIFY(!read_run_notes({toPath(two)}).baseline);
    QCOMPARE(again.selection.baseline(), QString());
  }

  void ticksOnlySoMany() {
    MadeProject made;
    std::vector<std::string> names;
    for (int i = 0; i <= RunSelection::mostOverlaid; ++i) names.push_back("run-" + std::to_string(i));
    for (const std::string& name : names) writeListedRun(made, {.id = name.c_str()});
    ShownPage shown(made, RunSelection::mostOverlaid + 1);
    shown.table()->selectAll();
    shown.press(Qt::Key_Space);
    QCOMPARE(int(shown.selection.overlaid().size()), RunSelection::mostOverlaid);
    QVERIFY(shown.page.message()->isVisible());
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

  /// A checkpoint goes after a question that says how many bytes that frees; a pinned one and the newest stay.
  void deletesCheckpoints() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "saved"});
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

  /// Another program's curves become a run to look at; a file that has none is refused in a sentence.
  void importsCurves() {
    MadeProject made;
    made.write(QStringLiteral("baseline.csv"), "step,loss,ce\n1,2.0,1.0\n2,1.5,0.75\n");
    made.write(QStringLiteral("empty.csv"), "");
    const QString own = writeListedRun(made, {.id = "own"});
    ShownPage shown(made, 1);
    shown.page.importMenu()->importRun(made.path(QStringLiteral("baseline.csv")));
    QTRY_COMPARE(shown.table()->model()->rowCount(), 2);
    const QString folder = made.path(QStringLiteral("runs/baseline.csv"));
    QTRY_VERIFY(shown.cell(folder, RunField::name).isValid());
    QCOMPARE(shown.text(folder, RunField::total), theme::number(1.5));
    QCOMPARE(shown.text(folder, RunField::project), QStringLiteral("imported"));
    QVERIFY2(shown.page.message()->text().contains(QStringLiteral("2 steps")),
             qPrintable(shown.page.message()->text()));
    shown.page.importMenu()->importRun(made.path(QStringLiteral("empty.csv")));
    QTRY_VERIFY(shown.page.message()->text().contains(QStringLiteral("empty.csv")));
    QCOMPARE(shown.table()->model()->rowCount(), 2);
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

  /// While somebody types notes, the run goes on and its row changes, and so do the terms that there are: what was
  /// typed stays.
  void keepsWhatIsTypedWhileARunGoesOn() {
    MadeProject made;
    const QString folder = writeListedRun(made, {.id = "going", .status = "stopped", .steps = 2});
    ShownPage shown(made, 1);
    shown.click(shown.cell(folder, RunField::name));
    shown.press(Qt::Key_F2);
    const QPointer<QLineEdit> editor = shown.table()->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor && shown.table()->runs()->columnOf(RunField::term) >= 0);
    QTest::keyClicks(editor, QStringLiteral("half a"));
    EventLog log(RunFolder{toPath(folder)}.events());
    log.append({.time = 1763978490, .stage = "DPT", .stage_step = 3, .step = 3, .body = StepEvent{.total = 0.5}});
    shown.page.catalog()->refresh();
    QTRY_COMPARE(shown.text(folder, RunField::steps), QStringLiteral("3 of 4"));
    QVERIFY(editor);
    QCOMPARE(editor->text(), QStringLiteral("half a"));
    QTest::keyClicks(editor, QStringLiteral(" word"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(read_run_notes({toPath(folder)}).text, std::string("half a word"));
    QTRY_COMPARE(shown.table()->runs()->columnOf(RunField::term), -1);  // it has none any more
  }

  /// The list is read in the background, and whatever a look finds comes in one piece: filter, view and details go
  /// through a thousand rows once, not once for each row.
  void showsAThousandRuns() {
    MadeProject made;
    for (int i = 0; i < 1000; ++i) {
      const std::string id = "run-" + std::to_string(1000 + i);
      writeListedRun(made, {.id = id.c_str(), .started = 1763978400.0 + i, .steps = 2, .total = 1.0 + i});
    }
    ProjectDocument document;
    RunWatcher run;
    RunController controller(&document, &run);
    RunSelection selection(&run);
    RunsPage page({&document, &run, &controller, nullptr, &selection});
    page.show();
    RunsModel* runs = page.table()->runs();
    QSignalSpy looks(page.catalog(), &RunCatalog::changed), resets(runs, &QAbstractItemModel::modelReset);
    QSignalSpy orders(page.table()->filter(), &QAbstractItemModel::layoutChanged);
    int changes = 0;
    connect(runs, &QAbstractItemModel::dataChanged, this,
            [&](const QModelIndex&, const QModelIndex&, const QList<int>& roles) { changes += roles.isEmpty(); });
    run.setProjectFile(made.file());
    QTRY_COMPARE_WITH_TIMEOUT(page.table()->model()->rowCount(), 1000, 60'000);
    const auto areCounted = [&] {
      return std::ranges::all_of(page.catalog()->rows(), [](const RunRow& row) { return row.bytes.has_value(); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(areCounted(), 60'000);
    QVERIFY2(resets.size() + changes <= looks.size(), qPrintable(QString::number(changes)));
    QVERIFY2(orders.size() <= 2 * looks.size(), qPrintable(QString::number(orders.size())));
    page.table()->sortByColumn(runs->columnOf(RunField::total), Qt::AscendingOrder);
    QCOMPARE(page.table()->model()->index(0, 0).data().toString(), QStringLiteral("run-1000"));
    page.table()->sortByColumn(runs->columnOf(RunField::name), Qt::DescendingOrder);
    QCOMPARE(page.table()->model()->index(0, 0).data().toString(), QStringLiteral("run-1999"));
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RunsPageTest)
#include "tst_runs_page.moc"
