// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHeaderView>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>

#include "shown_runs.h"
#include "widgets/pages/runs/import_menu.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {

/// The table of runs: what it lists, and what is typed, ticked and sorted there.
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
    const auto* reading = page.findChild<LoadingPlaceholder*>();
    QVERIFY(reading->isVisible() && reading->text().startsWith(QStringLiteral("Reading")) && !empty->isVisible());
    QTRY_VERIFY(empty->isVisible() && empty->text().startsWith(QStringLiteral("No run yet")));
    QVERIFY(!reading->isVisible());
    QVERIFY(!page.findChild<QLineEdit*>(QStringLiteral("runFilter"))->isEnabled());
    const QString folder = writeListedRun(made, {});
    QTRY_COMPARE(page.table()->model()->rowCount(), 1);
    QVERIFY(page.table()->isVisible());
    // "1, 249 KiB" would be read as one number.
    const auto* count = page.findChild<TextLabel*>(QStringLiteral("runCount"));
    QTRY_VERIFY2(count->text().startsWith(QStringLiteral("1 run · ")), qPrintable(count->text()));
    QVERIFY(!count->text().contains(QLatin1Char(',')));
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

  /// A click on a column's title sorts; runs without a value come last both ways.
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

  /// A tick, by the pointer or by Space, lays a run over Train's chart; the baseline comes first, and is drawn only if
  /// it is ticked, too. Its mark isn't that of a pinned checkpoint.
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
      const auto picture = [](const QIcon& icon) {
        return icon.pixmap(16, 16).toImage();
      };
      const QImage mark = picture(shown.cell(two, RunField::name).data(Qt::DecorationRole).value<QIcon>());
      QVERIFY(!mark.isNull() && mark != picture(theme::icon(QStringLiteral("pin"))));
      shown.press(Qt::Key_Space);
      QCOMPARE(shown.selection.overlaid(), (std::vector<OverlaidRun>{{one, QStringLiteral("one"), false}}));
      shown.press(Qt::Key_Space);
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

  /// The list is read in the background and comes in slices, between which the window goes on. Whatever a later look
  /// finds comes in one piece: filter, view and details go through a thousand rows once, not once for each row.
  void showsAThousandRuns() {
    MadeProject made;
    writeListedRun(made, {.id = "run-1000", .steps = 2, .total = 1});
    // The others as plain text: a run that is written as the engine does waits for the disk.
    QFile written(made.path(QStringLiteral("runs/run-1000/run.json")));
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QByteArray record = written.readAll();
    for (int i = 1; i < 1000; ++i) {
      const QByteArray id = "run-" + QByteArray::number(1000 + i);
      const QString folder = QStringLiteral("runs/") + QString::fromLatin1(id);
      QDir().mkpath(made.path(folder));
      made.write(folder + QStringLiteral("/run.json"),
                 QByteArray(record).replace("run-1000", id).replace("1763978400", QByteArray::number(1763978400 + i)));
      made.write(folder + QStringLiteral("/events.jsonl"),
                 QByteArray::fromStdString(to_line({.time = 1763978400.0 + i,
                                                    .stage = "DPT",
                                                    .stage_step = 1,
                                                    .step = 1,
                                                    .body = StepEvent{.total = 1.0 + i}}) +
                                           '\n'));
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
    int slices = 0, largest = 0;
    const auto take = [&](int rows) {
      ++slices;
      largest = std::max(largest, rows);
    };
    connect(runs, &QAbstractItemModel::modelReset, this, [&] { take(runs->rowCount()); });
    connect(runs, &QAbstractItemModel::rowsInserted, this,
            [&](const QModelIndex&, int first, int last) { take(last - first + 1); });
    run.setProjectFile(made.file());
    QTRY_COMPARE_WITH_TIMEOUT(page.table()->model()->rowCount(), 1000, 60'000);
    QCOMPARE(largest, int(RunsModel::sliceRows));
    QVERIFY2(slices >= 5, qPrintable(QString::number(slices)));
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
