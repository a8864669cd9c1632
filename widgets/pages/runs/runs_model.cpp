// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_model.h"

#include <QFont>
#include <QSet>
#include <algorithm>
#include <limits>

#include "widgets/document/conversions.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_selection.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

bool isInOrder(std::span<const RunRow> a, std::span<const RunRow> b) {
  return std::ranges::equal(a, b, {}, &RunRow::folder, &RunRow::folder);
}

bool differsInSizeAlone(RunRow before, const RunRow& after) {
  before.bytes = after.bytes;
  return before == after;
}

}  // namespace

RunsModel::RunsModel(RunCatalog* catalog, RunSelection* selection, QObject* parent)
    : QAbstractTableModel(parent), m_catalog(catalog), m_selection(selection), m_columns(runColumns({})) {
  connect(catalog, &RunCatalog::changed, this, &RunsModel::takeRows);
  connect(selection, &RunSelection::changed, this, &RunsModel::takeTicks);
  m_nextSlice.setSingleShot(true);
  connect(&m_nextSlice, &QTimer::timeout, this, [this] {
    m_shown += sliceRows;
    takeRows();
  });
  takeRows();
}

void RunsModel::takeRows() {
  const std::vector<RunRow>& all = m_catalog->rows();
  if (m_rows.empty()) m_shown = sliceRows;
  const std::span<const RunRow> rows = std::span(all).first(std::min(m_shown, all.size()));
  if (rows.size() < all.size()) {
    m_nextSlice.start();
  } else if (!all.empty()) {
    m_nextSlice.stop();
    m_shown = std::numeric_limits<size_t>::max();  // runs that are new come on top
  }
  std::vector<RunColumn> columns = m_edited ? m_columns : runColumns(all);
  if (columns != m_columns || m_rows.empty()) return takeAll(rows, std::move(columns));
  if (!isInOrder(rows, m_rows)) {
    removeMissing(rows);
    insertNew(rows);
    if (!isInOrder(rows, m_rows))
      return takeAll(rows, std::move(columns));  // another order, as when a run.json was mended
  }
  takeChanges(rows);
}

void RunsModel::setEdited(bool edited) {
  m_edited = edited;
  if (!edited) takeRows();
}

void RunsModel::takeAll(std::span<const RunRow> rows, std::vector<RunColumn> columns) {
  beginResetModel();
  m_rows.assign(rows.begin(), rows.end());
  m_columns = std::move(columns);
  notePlaces();
  endResetModel();
}

// In one piece: views and filters go through all rows for each notice.
void RunsModel::takeChanges(std::span<const RunRow> rows) {
  int first = -1, last = -1;
  bool sizesAlone = true;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (m_rows[i] == rows[i]) continue;
    if (first < 0) first = int(i);
    last = int(i);
    sizesAlone = sizesAlone && differsInSizeAlone(m_rows[i], rows[i]);
    m_rows[i] = rows[i];
  }
  if (first < 0) return;
  const int size = columnOf(Field::size);
  Q_EMIT dataChanged(index(first, sizesAlone ? size : 0), index(last, sizesAlone ? size : columnCount() - 1));
}

// Rows go and come in stretches, so that what is selected and edited stays so.
void RunsModel::removeMissing(std::span<const RunRow> rows) {
  QSet<QString> there;
  for (const RunRow& row : rows) there.insert(row.folder);
  for (int end = rowCount(); end > 0;) {
    int begin = end;
    while (begin > 0 && !there.contains(row(begin - 1).folder)) --begin;
    if (begin == end) {
      --end;
      continue;
    }
    beginRemoveRows({}, begin, end - 1);
    m_rows.erase(m_rows.begin() + begin, m_rows.begin() + end);
    notePlaces();
    endRemoveRows();
    end = begin;
  }
}

void RunsModel::insertNew(std::span<const RunRow> rows) {
  const QHash<QString, int> before = m_places;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin;
    while (end < rows.size() && !before.contains(rows[end].folder)) ++end;
    if (begin == end || begin > m_rows.size()) {
      ++begin;
      continue;
    }
    beginInsertRows({}, int(begin), int(end) - 1);
    m_rows.insert(m_rows.begin() + qsizetype(begin), rows.begin() + qsizetype(begin), rows.begin() + qsizetype(end));
    notePlaces();
    endInsertRows();
    begin = end;
  }
}

void RunsModel::notePlaces() {
  m_places.clear();
  m_places.reserve(qsizetype(m_rows.size()));
  for (size_t i = 0; i < m_rows.size(); ++i) m_places.insert(m_rows[i].folder, int(i));
}

void RunsModel::takeTicks() {
  if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::CheckStateRole});
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_rows.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_columns.size());
}

int RunsModel::columnOf(Field field) const {
  const auto found = std::ranges::find(m_columns, field, &RunColumn::field);
  return found == m_columns.end() ? -1 : int(found - m_columns.begin());
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const RunColumn& shown = m_columns[size_t(section)];
  if (role == Qt::DisplayRole) return columnHeading(shown);
  if (const QString help = columnHelp(shown); role == Qt::ToolTipRole && !help.isEmpty()) return help;
  if (role == Qt::TextAlignmentRole)
    return int(isNumber(shown.field) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
  Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
  if (!index.isValid()) return flags;
  const RunRow& run = row(index.row());
  if (index.column() == 0 && run.fault.isEmpty()) flags |= Qt::ItemIsUserCheckable;
  const Field shown = field(index.column());
  if ((shown == Field::tags || shown == Field::notes) && run.canBeOpened() && run.notesFault.isEmpty())
    flags |= Qt::ItemIsEditable;
  return flags;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunRow& run = row(index.row());
  const RunColumn& shown = m_columns[size_t(index.column())];
  switch (role) {
    case Qt::DisplayRole:
      return cellText(run, shown);
    case Qt::EditRole:
      return shown.field == Field::notes ? toQString(run.notes.text) : cellText(run, shown);
    case Qt::ToolTipRole:
      return cellToolTip(run, shown);
    case Qt::DecorationRole: {
      const QIcon icon = cellIcon(run, shown);
      return icon.isNull() ? QVariant() : QVariant(icon);
    }
    case Qt::CheckStateRole:
      if (shown.field != Field::name || !run.fault.isEmpty()) return {};
      return int(m_selection->isTicked(run.folder) ? Qt::Checked : Qt::Unchecked);
    case Qt::TextAlignmentRole:
      return headerData(index.column(), Qt::Horizontal, role);
    case Qt::ForegroundRole:
      if (!run.canBeOpened()) return theme::mutedText();
      return shown.field == Field::state ? QVariant(theme::stateColor(lookOf(run.state))) : QVariant();
    case Qt::FontRole:
      return isNumber(shown.field) ? QVariant(theme::numberFont(theme::Size::body)) : QVariant();
    default:
      return {};
  }
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!index.isValid()) return false;
  const RunRow run = row(index.row());  // a copy: the catalog replaces the rows
  if (role == Qt::CheckStateRole && index.column() == 0) {
    const bool ticked = value.toInt() == Qt::Checked;
    m_selection->setTicked(run.folder, ticked);
    if (m_selection->isTicked(run.folder) != ticked) Q_EMIT tooManyTicked();
    return m_selection->isTicked(run.folder) == ticked;
  }
  if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) return false;
  if (field(index.column()) == Field::tags)
    m_catalog->setNotes(run.folder, toQString(run.notes.text), value.toString().split(QLatin1Char(',')));
  else
    m_catalog->setNotes(run.folder, value.toString(), tagsText(run).split(QLatin1Char(',')));
  return true;
}

}  // namespace llavakd
