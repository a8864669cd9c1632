// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTableView>
#include <vector>

#include "widgets/run/run_row.h"

class QAction;

namespace llavakd {

class RunCatalog;
class RunSelection;
class RunsFilter;
class RunsModel;

/// The table of runs with all that can be done to those that are selected: each is an action with a key and a place in
/// the context menu.
class RunsTable : public QTableView {
  Q_OBJECT

 public:
  /// Both outlive the table.
  RunsTable(RunCatalog* catalog, RunSelection* selection, QWidget* parent = nullptr);

  RunsModel* runs() const { return m_runs; }
  RunsFilter* filter() const { return m_filter; }
  /// From the top to the bottom.
  std::vector<RunRow> selectedRuns() const;

 Q_SIGNALS:
  /// Other runs are selected, or what is known of those that are has changed.
  void selectedRunsChanged();
  /// Show this run on the page of that id.
  void openRequested(const QString& folder, const QString& page);
  void deleteRequested();

 protected:
  void contextMenuEvent(QContextMenuEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void makeActions();
  QAction* makeAction(const QString& text, const QKeySequence& shortcut, const char* name);
  void makeHeader();
  void showHeaderMenu(const QPoint& place);
  void applyColumns();
  /// Gives the notes what the other columns leave.
  void stretchNotes();
  void keepSelection();
  void restoreSelection();
  void refreshActions();
  void open(const QString& page);
  void toggleTicks();
  void toggleBaseline();
  void editNotes();

  RunCatalog* m_catalog;
  RunSelection* m_selection;
  RunsModel* m_runs;
  RunsFilter* m_filter;
  QStringList m_kept;  ///< Selected folders while the model begins anew.
  QString m_keptCurrent;
  bool m_applying = false;  ///< What the settings say, which isn't a new choice.
  QAction *m_train, *m_inspect, *m_compare, *m_tick, *m_baseline, *m_notes, *m_delete;
};

}  // namespace llavakd
