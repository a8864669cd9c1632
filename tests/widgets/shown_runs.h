// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QMessageBox>
#include <QTest>
#include <QTimer>

#include "listed_runs.h"
#include "widgets/pages/runs/runs_filter.h"
#include "widgets/pages/runs/runs_model.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {

using RunField = RunsModel::Field;

/// Presses the button of the next question that deletes, or Cancel; keeps what was asked.
inline void answerDeletion(bool deletes, QString* asked = nullptr) {
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

}  // namespace llavakd
