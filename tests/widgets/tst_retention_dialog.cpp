// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QPushButton>
#include <QTest>
#include <QTreeWidget>

#include "core/run/run_notes.h"
#include "listed_runs.h"
#include "widgets/pages/runs/retention_dialog.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

/// A run of one stage with four checkpoints, of which none is the stage's end.
QString writeRunWithCheckpoints(const MadeProject& made, const char* id) {
  const QString folder = writeListedRun(made, {.id = id, .status = "stopped"});
  for (const char* name : {"DPT-1", "DPT-2", "DPT-3", "DPT-4"}) {
    writeListedCheckpoint(folder, name, 300'000);
    QFile state(folder + QStringLiteral("/checkpoints/") + QLatin1String(name) + QStringLiteral("/state.json"));
    if (state.open(QIODevice::WriteOnly)) state.write(R"({"stage_index": 0, "stage_done": false})");
  }
  return folder;
}

QStringList checkpointsIn(const QString& folder) {
  return QDir(folder + QStringLiteral("/checkpoints")).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

/// The page of an open project, with the dialog for its first run.
struct OpenedDialog {
  explicit OpenedDialog(const MadeProject& made, int rows) {
    page.resize(1300, 800);
    page.show();
    page.activateWindow();
    [&] {
      QVERIFY(made.open(document));
      run.setProjectFile(made.file());
      QTRY_COMPARE(page.table()->model()->rowCount(), rows);
      const QModelIndex first = page.table()->model()->index(0, 0);
      QTest::mouseClick(page.table()->viewport(), Qt::LeftButton, {}, page.table()->visualRect(first).center());
      auto* opens = page.findChild<QPushButton*>(QStringLiteral("clearUpCheckpoints"));
      QTRY_VERIFY(opens->isEnabled());
      QTest::mouseClick(opens, Qt::LeftButton);
      QTRY_VERIFY(dialog() && dialog()->isVisible());
      QTRY_VERIFY(!part<TextLabel>("wouldBeFreed")->text().startsWith(QStringLiteral("Counting")));
    }();
  }
  RetentionDialog* dialog() const { return page.findChild<RetentionDialog*>(); }
  template <class Widget>
  Widget* part(const char* name) const {
    return dialog()->findChild<Widget*>(QLatin1String(name));
  }
  void type(const char* field, const QString& text) const {
    auto* box = part<QAbstractSpinBox>(field);
    QVERIFY2(box, field);
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, text);
    QTest::keyClick(box, Qt::Key_Return);
  }
  QString summary() const { return part<TextLabel>("wouldBeFreed")->text(); }
  ProjectDocument document;
  RunWatcher run;
  RunController controller{&document, &run};
  RunSelection selection{&run};
  RunsPage page{{&document, &run, &controller, nullptr, &selection}};
};

}  // namespace

class RetentionDialogTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  /// What the rules would remove is said in bytes before anything is done; pinned ones stay.
  void deletesWhatTheRulesDontKeep() {
    MadeProject made;
    const QString folder = writeRunWithCheckpoints(made, "saved");
    pin_checkpoint({toPath(folder)}, "DPT-2", true);
    OpenedDialog opened(made, 1);
    QVERIFY2(opened.summary().contains(QStringLiteral("deletes 1 checkpoint,")), qPrintable(opened.summary()));
    opened.type("keep_checkpoints", QStringLiteral("1"));
    QVERIFY2(opened.summary().contains(QStringLiteral("deletes 2 checkpoints,")), qPrintable(opened.summary()));
    auto* list = opened.part<QTreeWidget>("surplus");
    QCOMPARE(list->topLevelItemCount(), 1);
    QCOMPARE(list->topLevelItem(0)->child(0)->text(0), QStringLiteral("DPT-1"));
    QCOMPARE(list->topLevelItem(0)->child(1)->text(0), QStringLiteral("DPT-3"));
    QCOMPARE(checkpointsIn(folder).size(), 4);
    QTest::mouseClick(opened.part<QPushButton>("deleteSurplus"), Qt::LeftButton);
    QTRY_COMPARE(checkpointsIn(folder), (QStringList{QStringLiteral("DPT-2"), QStringLiteral("DPT-4")}));
    QTRY_COMPARE(opened.summary(), QStringLiteral("Nothing would go."));
    QVERIFY(!opened.part<QPushButton>("deleteSurplus")->isEnabled());
    QVERIFY(!opened.document.isModified());
  }

  /// Kept in the project the rules are an edit like any other.
  void keepsRulesInTheProject() {
    MadeProject made;
    writeRunWithCheckpoints(made, "saved");
    OpenedDialog opened(made, 1);
    auto* keep = opened.part<QPushButton>("keepRules");
    QVERIFY(!keep->isEnabled());
    opened.type("keep_checkpoints_every", QStringLiteral("500"));
    QVERIFY(keep->isEnabled());
    QTest::mouseClick(keep, Qt::LeftButton);
    QCOMPARE(opened.document.project().run.keep_checkpoints_every, int64_t(500));
    QVERIFY(!keep->isEnabled());
    opened.document.undoStack()->undo();
    QCOMPARE(opened.document.project().run.keep_checkpoints_every, int64_t(0));
  }

  void clearsUpAllRuns() {
    MadeProject made;
    const QString one = writeRunWithCheckpoints(made, "one"), two = writeRunWithCheckpoints(made, "two");
    OpenedDialog opened(made, 2);
    opened.type("keep_checkpoints", QStringLiteral("2"));
    QVERIFY2(opened.summary().contains(QStringLiteral("deletes 2 checkpoints,")), qPrintable(opened.summary()));
    auto* everywhere = opened.part<QCheckBox>("inAllRuns");
    QTest::mouseClick(everywhere, Qt::LeftButton, {}, {10, everywhere->height() / 2});
    QVERIFY(everywhere->isChecked());
    QTRY_VERIFY2(opened.summary().contains(QStringLiteral("deletes 4 checkpoints,")), qPrintable(opened.summary()));
    QTest::mouseClick(opened.part<QPushButton>("deleteSurplus"), Qt::LeftButton);
    const QStringList left{QStringLiteral("DPT-3"), QStringLiteral("DPT-4")};
    QTRY_COMPARE(checkpointsIn(one), left);
    QTRY_COMPARE(checkpointsIn(two), left);
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::RetentionDialogTest)
#include "tst_retention_dialog.moc"
