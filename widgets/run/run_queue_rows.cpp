// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/errors.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_queue.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/theme.h"

// The queue as rows of a list.
namespace llavakd {
namespace {

QString titleOf(const QueuedRun& run) {
  if (!run.run_name.empty()) return toQString(run.run_name);
  return run.project_name.empty() ? toQString(run.project_file.stem()) : toQString(run.project_name);
}

// Entries of two projects of one name are told apart by their folders.
QString titleAmong(const std::vector<QueuedRun>& all, const QueuedRun& run) {
  const bool hasNamesake = std::ranges::any_of(all, [&](const QueuedRun& other) {
    return titleOf(other) == titleOf(run) && other.project_file != run.project_file;
  });
  const QString title = titleOf(run);
  return hasNamesake ? RunQueue::tr("%1 in %2").arg(title, toQString(run.project_file.parent_path())) : title;
}

}  // namespace

void RunQueue::show(StoredQueue queue) {
  showEntries(queue.waiting);
  m_queue = std::move(queue);
  Q_EMIT changed();
}

// Row by row, so that what is selected and edited stays so.
void RunQueue::showEntries(const std::vector<QueuedRun>& entries) {
  std::vector<QueuedRun>& rows = m_queue.waiting;
  const auto find = [](const std::vector<QueuedRun>& list, const std::string& id) {
    return std::ranges::find(list, id, &QueuedRun::id) - list.begin();
  };
  for (int row = rowCount() - 1; row >= 0; --row) {
    if (find(entries, rows[size_t(row)].id) < std::ssize(entries)) continue;
    beginRemoveRows({}, row, row);
    rows.erase(rows.begin() + row);
    endRemoveRows();
  }
  for (int row = 0; row < int(entries.size()); ++row) {
    const QueuedRun& entry = entries[size_t(row)];
    const int from = int(find(rows, entry.id));
    if (from == rowCount()) {
      beginInsertRows({}, row, row);
      rows.insert(rows.begin() + row, entry);
      endInsertRows();
    } else if (from > row) {
      beginMoveRows({}, from, from, {}, row);
      std::rotate(rows.begin() + row, rows.begin() + from, rows.begin() + from + 1);
      endMoveRows();
    }
    if (rows[size_t(row)] == entry) continue;
    rows[size_t(row)] = entry;
    Q_EMIT dataChanged(index(row), index(row));
  }
}

int RunQueue::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_queue.waiting.size());
}

QVariant RunQueue::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const QueuedRun& run = waiting()[size_t(index.row())];
  const QString fault = toQString(run.fault);
  switch (role) {
    case Qt::DisplayRole:
      return fault.isEmpty() ? tr("%1 · added %2").arg(titleAmong(waiting(), run), runTimeText(run.added))
                             : tr("%1 · not started: %2").arg(titleAmong(waiting(), run), fault);
    case Qt::EditRole:
      return toQString(run.run_name);
    case Qt::ToolTipRole:
      return fault.isEmpty() ? toQString(run.project_file) : fault;
    case Qt::DecorationRole:
      return theme::icon(fault.isEmpty() ? QStringLiteral("file") : QStringLiteral("warning"));
    default:
      return {};
  }
}

bool RunQueue::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!index.isValid() || role != Qt::EditRole) return false;
  const std::string name = value.toString().trimmed().toStdString();
  try {
    edit([id = waiting()[size_t(index.row())].id, name](StoredQueue& queue) { name_queued_run(queue, id, name); });
    return true;
  } catch (const UserError& error) {
    Q_EMIT failed(toQString(error.what()));
    return false;
  }
}

Qt::ItemFlags RunQueue::flags(const QModelIndex& index) const {
  return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

}  // namespace llavakd
