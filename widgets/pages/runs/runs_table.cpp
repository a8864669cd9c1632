// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_table.h"

#include <QAction>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>
#include <QSettings>
#include <algorithm>

#include "widgets/pages/runs/runs_filter.h"
#include "widgets/pages/runs/runs_model.h"
#include "widgets/pages/runs/typing_delegate.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_selection.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

const QString hiddenColumnsKey = QStringLiteral("runs/hiddenColumns");
const QString sortColumnKey = QStringLiteral("runs/sortColumn"), sortUpKey = QStringLiteral("runs/sortAscending");

// In characters: contents of a thousand rows would have to be measured.
int widthOf(RunsModel::Field field) {
  using enum RunsModel::Field;
  switch (field) {
    case name:
      return 21;
    case state:
      return 14;
    case started:
      return 0;  // startedWidth() measures it
    case score:
      return 8;
    case total:
      return 8;
    case term:
      return 9;
    case duration:
      return 10;
    case steps:
      return 12;
    case size:
      return 9;
    case project:
      return 15;
    case tags:
      return 8;
    case notes:
      return 10;
  }
  return 12;
}

}  // namespace

RunsTable::RunsTable(RunCatalog* catalog, RunSelection* selection, QWidget* parent)
    : QTableView(parent),
      m_catalog(catalog),
      m_selection(selection),
      m_runs(new RunsModel(catalog, selection, this)),
      m_filter(new RunsFilter(m_runs, this)) {
  setModel(m_filter);
  setItemDelegate(new TypingDelegate(m_runs, this));
  setObjectName(QStringLiteral("runsTable"));
  setAccessibleName(tr("Runs"));
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setSelectionMode(QAbstractItemView::ExtendedSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);  // by F2 and a double click, see below
  setAlternatingRowColors(false);
  setShowGrid(false);
  setWordWrap(false);
  setTabKeyNavigation(false);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(std::max(theme::compactRowHeight, fontMetrics().height() + theme::gapSmall));
  makeHeader();
  makeActions();
  connect(m_runs, &QAbstractItemModel::modelAboutToBeReset, this, &RunsTable::keepSelection);
  connect(m_filter, &QAbstractItemModel::modelReset, this, [this] {
    applyColumns();
    restoreSelection();
  });
  connect(m_filter, &QAbstractItemModel::dataChanged, this, &RunsTable::selectedRunsChanged);
  connect(m_filter, &QAbstractItemModel::rowsRemoved, this, &RunsTable::selectedRunsChanged);
  connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsTable::selectedRunsChanged);
  connect(selectionModel(), &QItemSelectionModel::currentChanged, this, &RunsTable::refreshActions);
  connect(this, &RunsTable::selectedRunsChanged, this, &RunsTable::refreshActions);
  connect(m_selection, &RunSelection::changed, this, &RunsTable::refreshActions);
  // Not activated(): some desktops activate by a single click, which shall only select.
  connect(this, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex& index) {
    if (m_filter->flags(index) & Qt::ItemIsEditable)
      edit(index);
    else
      open(QStringLiteral("train"));
  });
  refreshActions();
}

void RunsTable::makeHeader() {
  QHeaderView* header = horizontalHeader();
  header->setHighlightSections(false);
  header->setTextElideMode(Qt::ElideNone);  // headings of two lines; all are as wide as they need
  header->setSectionsMovable(false);
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(header, &QHeaderView::customContextMenuRequested, this, &RunsTable::showHeaderMenu);
  setSortingEnabled(true);
  applyColumns();
  // Kept by name: which columns there are depends on the runs.
  connect(header, &QHeaderView::sortIndicatorChanged, this, [this](int column, Qt::SortOrder order) {
    if (m_applying || column < 0 || column >= m_runs->columnCount()) return;
    QSettings settings;
    settings.setValue(sortColumnKey, m_runs->key(column));
    settings.setValue(sortUpKey, order == Qt::AscendingOrder);
  });
}

void RunsTable::applyColumns() {
  m_applying = true;
  const QSettings settings;
  const QStringList hidden = settings.value(hiddenColumnsKey).toStringList();
  const QString sorted = settings.value(sortColumnKey, QStringLiteral("started")).toString();
  const int character = fontMetrics().horizontalAdvance(QLatin1Char('0'));
  int sortColumn = m_runs->columnOf(RunsModel::Field::started);
  for (int column = 0; column < m_runs->columnCount(); ++column) {
    const RunsModel::Field field = m_runs->field(column);
    const int needed = field == RunsModel::Field::started ? startedWidth(m_catalog->rows(), fontMetrics())
                                                          : widthOf(field) * character;
    setColumnWidth(column, std::max(needed, horizontalHeader()->sectionSizeHint(column)));
    setColumnHidden(column, column > 0 && hidden.contains(m_runs->key(column)));
    if (m_runs->key(column) == sorted) sortColumn = column;
  }
  const bool up = settings.value(sortUpKey, false).toBool();
  sortByColumn(sortColumn, up ? Qt::AscendingOrder : Qt::DescendingOrder);
  m_applying = false;
  stretchNotes();
}

void RunsTable::stretchNotes() {
  const int notes = m_runs->columnOf(RunsModel::Field::notes);
  const int others = horizontalHeader()->length() - columnWidth(notes);
  const int least = widthOf(RunsModel::Field::notes) * fontMetrics().horizontalAdvance(QLatin1Char('0'));
  if (!isColumnHidden(notes)) setColumnWidth(notes, std::max(least, viewport()->width() - others));
}

void RunsTable::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  stretchNotes();
}

void RunsTable::showHeaderMenu(const QPoint& place) {
  QMenu menu(this);
  for (int column = 1; column < m_runs->columnCount(); ++column) {
    QAction* action = menu.addAction(columnTitle(m_runs->column(column)));
    action->setCheckable(true);
    action->setChecked(!isColumnHidden(column));
    connect(action, &QAction::toggled, this, [this, column](bool shown) {
      setColumnHidden(column, !shown);
      stretchNotes();
      QStringList hidden = QSettings().value(hiddenColumnsKey).toStringList();
      hidden.removeAll(m_runs->key(column));
      if (!shown) hidden << m_runs->key(column);
      QSettings().setValue(hiddenColumnsKey, hidden);
    });
  }
  menu.exec(horizontalHeader()->mapToGlobal(place));
}

QAction* RunsTable::makeAction(const QString& text, const QKeySequence& shortcut, const char* name) {
  auto* action = new QAction(text, this);
  action->setObjectName(QLatin1String(name));
  action->setShortcut(shortcut);
  action->setShortcutContext(Qt::WidgetShortcut);  // a cell that is edited takes these keys itself
  addAction(action);
  return action;
}

void RunsTable::makeActions() {
  m_train = makeAction(tr("Show in &Train"), QKeySequence(Qt::Key_Return), "openTrain");
  m_train->setShortcuts({QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)});
  m_inspect = makeAction(tr("Show in &Inspect"), QKeySequence(Qt::CTRL | Qt::Key_I), "openInspect");
  m_compare = makeAction(tr("Show in &Compare"), QKeySequence(Qt::CTRL | Qt::Key_E), "openCompare");
  m_tick = makeAction(tr("&Overlay in Train"), QKeySequence(Qt::Key_Space), "tick");
  m_tick->setCheckable(true);
  m_baseline = makeAction(tr("&Baseline"), QKeySequence(Qt::CTRL | Qt::Key_B), "baseline");
  m_baseline->setCheckable(true);
  m_notes = makeAction(tr("Edit &notes"), QKeySequence(Qt::Key_F2), "notes");
  m_delete = makeAction(tr("&Delete…"), QKeySequence(Qt::Key_Delete), "delete");
  connect(m_train, &QAction::triggered, this, [this] { open(QStringLiteral("train")); });
  connect(m_inspect, &QAction::triggered, this, [this] { open(QStringLiteral("inspect")); });
  connect(m_compare, &QAction::triggered, this, [this] { open(QStringLiteral("compare")); });
  connect(m_tick, &QAction::triggered, this, &RunsTable::toggleTicks);
  connect(m_baseline, &QAction::triggered, this, &RunsTable::toggleBaseline);
  connect(m_notes, &QAction::triggered, this, &RunsTable::editNotes);
  connect(m_delete, &QAction::triggered, this, &RunsTable::deleteRequested);
}

std::vector<RunRow> RunsTable::selectedRuns() const {
  QList<int> rows;
  for (const QModelIndex& index : selectionModel()->selectedRows()) rows << index.row();
  std::ranges::sort(rows);
  std::vector<RunRow> runs;
  for (const int row : rows) runs.push_back(m_runs->row(m_filter->mapToSource(m_filter->index(row, 0)).row()));
  return runs;
}

void RunsTable::refreshActions() {
  const std::vector<RunRow> runs = selectedRuns();
  const bool one = runs.size() == 1;
  const bool opens = one && runs.front().canBeOpened();
  for (QAction* action : {m_train, m_inspect, m_compare}) action->setEnabled(opens);
  m_baseline->setEnabled(opens);
  m_baseline->setChecked(one && runs.front().notes.baseline);
  const auto isTicked = [this](const RunRow& run) {
    return m_selection->isTicked(run.folder);
  };
  m_tick->setEnabled(std::ranges::any_of(runs, [](const RunRow& run) { return run.fault.isEmpty(); }));
  m_tick->setChecked(!runs.empty() && std::ranges::all_of(runs, isTicked));
  m_notes->setEnabled(one && runs.front().canBeOpened() && runs.front().notesFault.isEmpty());
  m_delete->setEnabled(!runs.empty() && std::ranges::all_of(runs, [](const RunRow& run) {
    return (run.belongs || !run.fault.isEmpty()) && !run.isAtWork();
  }));
}

void RunsTable::open(const QString& page) {
  const std::vector<RunRow> runs = selectedRuns();
  if (runs.size() == 1 && runs.front().canBeOpened()) Q_EMIT openRequested(runs.front().folder, page);
}

void RunsTable::toggleTicks() {
  const bool ticked = m_tick->isChecked();  // as the key or the menu has left it
  for (const RunRow& run : selectedRuns())
    if (const int row = m_runs->rowOf(run.folder); row >= 0 && run.fault.isEmpty())
      m_runs->setData(m_runs->index(row, 0), int(ticked ? Qt::Checked : Qt::Unchecked), Qt::CheckStateRole);
  refreshActions();
}

void RunsTable::toggleBaseline() {
  const std::vector<RunRow> runs = selectedRuns();
  if (runs.size() == 1) m_catalog->setBaseline(m_baseline->isChecked() ? runs.front().folder : QString());
}

// The cell under the cursor where it can be edited, else the run's notes.
void RunsTable::editNotes() {
  QModelIndex cell = currentIndex();
  if (!(m_filter->flags(cell) & Qt::ItemIsEditable))
    cell = cell.siblingAtColumn(m_runs->columnOf(RunsModel::Field::notes));
  if (!(m_filter->flags(cell) & Qt::ItemIsEditable)) return;
  if (isColumnHidden(cell.column())) setColumnHidden(cell.column(), false);
  setCurrentIndex(cell);
  scrollTo(cell);
  edit(cell);
}

void RunsTable::keepSelection() {
  m_kept.clear();
  for (const RunRow& run : selectedRuns()) m_kept << run.folder;
  const QModelIndex current = m_filter->mapToSource(currentIndex());
  m_keptCurrent = current.isValid() ? m_runs->row(current.row()).folder : QString();
}

void RunsTable::restoreSelection() {
  QItemSelection selection;
  for (const QString& folder : m_kept) {
    const QModelIndex index = m_filter->mapFromSource(m_runs->index(m_runs->rowOf(folder), 0));
    if (index.isValid()) selection.select(index, index);
  }
  const QModelIndex current = m_filter->mapFromSource(m_runs->index(m_runs->rowOf(m_keptCurrent), 0));
  if (current.isValid()) selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
  selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void RunsTable::contextMenuEvent(QContextMenuEvent* event) {
  if (selectedRuns().empty()) return;
  QMenu menu(this);
  menu.addActions({m_train, m_inspect, m_compare});
  menu.addSeparator();
  menu.addActions({m_tick, m_baseline, m_notes});
  menu.addSeparator();
  menu.addAction(m_delete);
  menu.exec(event->globalPos());
}

}  // namespace llavakd
