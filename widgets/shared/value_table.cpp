// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/value_table.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int usualDigits = 12;

// Equal values keep the order of their steps; what has no value comes last, whichever way.
std::vector<std::uint32_t> sortedRows(const NumberTable& table, int column, Qt::SortOrder order) {
  const std::vector<double> values = table.values(column);
  std::vector<std::uint32_t> rows(values.size());
  std::iota(rows.begin(), rows.end(), std::uint32_t(0));
  std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t one, std::uint32_t other) {
    const double a = values[one], b = values[other];
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
    return order == Qt::AscendingOrder ? a < b : b < a;
  });
  return rows;
}

}  // namespace

void ValueTableModel::setTable(std::shared_ptr<const NumberTable> table) {
  m_requests.cancel();
  beginResetModel();
  m_table = std::move(table);
  m_rows.clear();
  endResetModel();
  sortRows();
}

std::vector<std::uint32_t> ValueTableModel::rowsShown(int first, int last) const {
  std::vector<std::uint32_t> rows;
  rows.reserve(std::size_t(std::max(0, last - first + 1)));
  for (int row = first; row <= last; ++row) rows.push_back(rowAt(row));
  return rows;
}

int ValueTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_table ? 0 : int(m_table->rows());
}

int ValueTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_table ? 0 : m_table->columns();
}

QVariant ValueTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  if (role == Qt::TextAlignmentRole) return int(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::FontRole) return theme::numberFont(theme::Size::body);
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  const QString text = m_table->text(rowAt(index.row()), index.column());
  return role == Qt::DisplayRole ? text : m_table->title(index.column()) + QLatin1Char(' ') + text;
}

QVariant ValueTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  if (role == Qt::TextAlignmentRole) return int(Qt::AlignRight | Qt::AlignVCenter);
  return role == Qt::DisplayRole ? QVariant(m_table->title(section)) : QVariant();
}

void ValueTableModel::sort(int column, Qt::SortOrder order) {
  if (column == m_column && order == m_order) return;
  m_column = column, m_order = order;
  sortRows();
}

void ValueTableModel::sortRows() {
  const auto request = m_requests.begin();
  const auto take = [this](std::vector<std::uint32_t> rows) {
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    setSorting(false);
  };
  const int column = m_column >= 0 && m_column < columnCount() ? m_column : 0;
  if (rowCount() == 0 || (column == 0 && m_order == Qt::AscendingOrder)) {
    if (!m_rows.empty()) return take({});
    return setSorting(false);
  }
  setSorting(true);
  inBackground(
      this, [table = m_table, column, order = m_order] { return sortedRows(*table, column, order); },
      request.only(take));
}

void ValueTableModel::setSorting(bool sorting) {
  if (m_sorting == sorting) return;
  m_sorting = sorting;
  Q_EMIT sortingChanged(sorting);
}

ValueTableView::ValueTableView(QAbstractItemModel* model, QWidget* parent) : QTableView(parent) {
  setModel(model);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setSelectionMode(QAbstractItemView::ExtendedSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setWordWrap(false);
  setAlternatingRowColors(true);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + theme::gapSmall);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSortIndicator(0, Qt::AscendingOrder);
  setSortingEnabled(true);
}

void ValueTableView::fitColumns() {
  const int digits = usualDigits * fontMetrics().horizontalAdvance(QLatin1Char('0'));
  for (int column = 0; column < model()->columnCount(); ++column)
    setColumnWidth(column, std::max(digits, horizontalHeader()->sectionSizeHint(column)));
}

void ValueTableView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return Q_EMIT copyRequested();
  QTableView::keyPressEvent(event);
}

}  // namespace llavakd
