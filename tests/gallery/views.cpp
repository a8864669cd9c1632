// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "views.h"

#include <QAbstractButton>
#include <QAction>
#include <QItemSelectionModel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

#include "app/main_window.h"
#include "app/shortcut_sheet.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/compare/question_edit.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/pages/start/new_project_card.h"
#include "widgets/pages/start/start_page.h"

namespace llavakd {
namespace {

// The first button of that name that can be seen.
void press(const MainWindow& window, const char* name) {
  for (auto* button : window.findChildren<QAbstractButton*>(QLatin1String(name)))
    if (button->isVisible() && button->isEnabled()) return button->click();
}

void trigger(const MainWindow& window, const QKeySequence& shortcut) {
  for (QAction* action : window.findChildren<QAction*>())
    if (action->shortcut() == shortcut && action->isEnabled()) return action->trigger();
}

void scrollToEnd(MainWindow& window) {
  for (const QScrollArea* area : window.shownPage()->findChildren<QScrollArea*>())
    if (area->isVisible()) area->verticalScrollBar()->setValue(area->verticalScrollBar()->maximum());
}

void makeProject(MainWindow& window) {
  window.findChild<StartPage*>()->newProject()->make();
}

void unfoldSettings(MainWindow& window) {
  press(window, "settings");
}

void openMore(MainWindow& window) {
  press(window, "more");
}

void ask(MainWindow& window) {
  auto* compare = window.findChild<ComparePage*>();
  if (compare->question()->isVisible() && compare->rows().empty()) compare->ask();
}

void openBlindVote(MainWindow& window) {
  window.findChild<ComparePage*>()->openBlindVote();
}

// Rows of the list of runs, which are there only where it isn't empty.
void selectRuns(const MainWindow& window, const QList<int>& rows) {
  const RunsTable* table = window.findChild<RunsPage*>()->table();
  table->selectionModel()->clear();
  for (const int row : rows)
    table->selectionModel()->select(table->model()->index(row, 0),
                                    QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void selectOneRun(MainWindow& window) {
  selectRuns(window, {0});
}

void selectThreeRuns(MainWindow& window) {
  selectRuns(window, {0, 4, 5});
}

void toggleLog(MainWindow& window) {
  trigger(window, QKeySequence(Qt::CTRL | Qt::Key_L));
}

void openShortcuts(MainWindow& window) {
  showShortcutSheet(&window);
}

void openNewProject(MainWindow& window) {
  trigger(window, QKeySequence(QKeySequence::New));
}

void openExport(MainWindow& window) {
  window.findChild<StepChart*>(QStringLiteral("termChart"))->findChild<QAction*>(QStringLiteral("export"))->trigger();
}

void closeUnsaved(MainWindow& window) {
  window.document()->edit(QStringLiteral("seed"), [](Project& project) { ++project.run.seed; });
  window.close();
}

void undo(MainWindow& window) {
  window.document()->undoStack()->undo();
}

void deleteRun(MainWindow& window) {
  press(window, "deleteRun");
}

void openCheckpointRules(MainWindow& window) {
  press(window, "clearUpCheckpoints");
}

void openTable(MainWindow& window) {
  window.findChild<StepChart*>(QStringLiteral("termChart"))->findChild<QAction*>(QStringLiteral("table"))->trigger();
}

void openMapExport(MainWindow& window) {
  window.findChild<RelationPanel*>()->findChild<QAction*>(QStringLiteral("export"))->trigger();
}

void openRunMenu(MainWindow& window) {
  window.findChild<QToolButton*>(QStringLiteral("runs"))->showMenu();
}

void openAbout(MainWindow& window) {
  for (QAction* action : window.findChildren<QAction*>())
    if (action->menuRole() == QAction::AboutRole || action->text().contains(QStringLiteral("About")))
      return action->trigger();
}

}  // namespace

const std::vector<GalleryView>& galleryViews() {
  const auto text = [](const char* name) {
    return QString::fromLatin1(name);
  };
  const QStringList finished{text("finished")}, many{text("many-runs")};
  const QStringList trained{text("running"), text("finished"), text("failed")};
  static const std::vector<GalleryView> views{
      {.id = text("start"), .page = text("start")},
      {.id = text("start-making"), .page = text("start"), .states = {text("loading")}, .begin = makeProject},
      {.id = text("project"), .page = text("project")},
      {.id = text("project-settings"),
       .page = text("project"),
       .begin = unfoldSettings,
       .arrange = scrollToEnd,
       .end = unfoldSettings},
      {.id = text("stages"), .page = text("stages")},
      {.id = text("stages-more"), .page = text("stages"), .states = finished, .begin = openMore, .end = openMore},
      {.id = text("data"), .page = text("data")},
      {.id = text("train"), .page = text("train")},
      {.id = text("inspect"), .page = text("inspect")},
      {.id = text("compare"), .page = text("compare"), .begin = ask},
      {.id = text("failures"), .page = text("failures")},
      {.id = text("blind-vote"), .page = text("compare"), .states = finished, .begin = ask, .open = openBlindVote},
      {.id = text("runs"), .page = text("runs"), .begin = selectOneRun},
      {.id = text("runs-several"), .page = text("runs"), .states = many, .begin = selectThreeRuns},
      {.id = text("log"), .page = text("train"), .states = trained, .begin = toggleLog, .end = toggleLog},
      {.id = text("run-menu"), .page = text("train"), .states = many, .open = openRunMenu},
      {.id = text("delete-run"), .page = text("runs"), .states = many, .begin = selectOneRun, .open = deleteRun},
      {.id = text("checkpoint-rules"),
       .page = text("runs"),
       .states = finished,
       .begin = selectOneRun,
       .open = openCheckpointRules},
      {.id = text("table"), .page = text("train"), .states = finished, .open = openTable},
      {.id = text("export"), .page = text("train"), .states = finished, .open = openExport},
      {.id = text("export-map"), .page = text("inspect"), .states = finished, .open = openMapExport},
      {.id = text("shortcuts"), .page = text("train"), .states = finished, .open = openShortcuts},
      {.id = text("new-project"), .page = text("project"), .states = finished, .open = openNewProject},
      {.id = text("unsaved"), .page = text("project"), .states = finished, .open = closeUnsaved, .end = undo},
      {.id = text("about"), .page = text("project"), .states = finished, .open = openAbout},
  };
  return views;
}

}  // namespace llavakd
