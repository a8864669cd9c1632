// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QHash>
#include <QTimer>
#include <span>
#include <vector>

#include "widgets/pages/runs/run_columns.h"

namespace llavakd {

class RunCatalog;
class RunSelection;

/// The catalog's runs as a table: a tick for the overlay in the first column; tags and notes can be edited. The newest
/// terms have a column each, as many as any of the runs has. However many rows a look at the folder changes, the model
/// tells it in one piece; but a long list that is new comes in slices, between which the window goes on.
class RunsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using Field = RunColumn::Field;
  static constexpr size_t sliceRows = 200;

  /// Both outlive the model.
  RunsModel(RunCatalog* catalog, RunSelection* selection, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;

  const RunRow& row(int row) const { return m_rows[size_t(row)]; }
  /// -1 where there is no such run.
  int rowOf(const QString& folder) const { return m_places.value(folder, -1); }
  const RunColumn& column(int column) const { return m_columns[size_t(column)]; }
  Field field(int column) const { return m_columns[size_t(column)].field; }
  /// The first column of a field; -1 where there is none.
  int columnOf(Field field) const;
  /// While a cell is edited the columns stay, whatever terms the runs have by then: other columns end an editor.
  void setEdited(bool edited);
  /// The column's name in settings.
  QString key(int column) const { return columnKey(m_columns[size_t(column)]); }

 Q_SIGNALS:
  /// One more run can't be ticked.
  void tooManyTicked();

 private:
  void takeRows();
  void takeTicks();
  void takeAll(std::span<const RunRow> rows, std::vector<RunColumn> columns);
  void takeChanges(std::span<const RunRow> rows);
  void removeMissing(std::span<const RunRow> rows);
  void insertNew(std::span<const RunRow> rows);
  void notePlaces();

  RunCatalog* m_catalog;
  RunSelection* m_selection;
  std::vector<RunRow> m_rows;
  QHash<QString, int> m_places;  ///< Rows by folder.
  std::vector<RunColumn> m_columns;
  size_t m_shown = sliceRows;  ///< The first rows of the catalog, until all have come.
  QTimer m_nextSlice;
  bool m_edited = false;
};

}  // namespace llavakd
