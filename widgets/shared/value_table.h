// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QTableView>
#include <cstdint>
#include <memory>
#include <vector>

#include "widgets/charts/number_table.h"
#include "widgets/document/newest_request.h"

namespace llavakd {

/// Numbers as a model. Sorting happens in the background, as a long run has a million rows; until it is done the rows
/// keep their order.
class ValueTableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  /// Other rows, which are sorted as the ones before were. Never null.
  void setTable(std::shared_ptr<const NumberTable> table);
  /// Null before the first.
  const std::shared_ptr<const NumberTable>& table() const { return m_table; }
  /// The rows of the table in the order in which they are shown, from one to the next.
  std::vector<std::uint32_t> rowsShown(int first, int last) const;
  bool isSorting() const { return m_sorting; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 Q_SIGNALS:
  void sortingChanged(bool sorting);

 private:
  std::uint32_t rowAt(int row) const { return m_rows.empty() ? std::uint32_t(row) : m_rows[std::size_t(row)]; }
  void sortRows();
  void setSorting(bool sorting);

  std::shared_ptr<const NumberTable> m_table;
  std::vector<std::uint32_t> m_rows;  ///< Empty: as they are in the table.
  int m_column = 0;
  Qt::SortOrder m_order = Qt::AscendingOrder;
  NewestRequest m_requests;
  bool m_sorting = false;
};

/// Such a model's view. Whole rows are selected.
class ValueTableView : public QTableView {
  Q_OBJECT

 public:
  explicit ValueTableView(QAbstractItemModel* model, QWidget* parent = nullptr);
  /// As wide as the headings and usual numbers are.
  void fitColumns();

 Q_SIGNALS:
  /// Ctrl+C.
  void copyRequested();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace llavakd
