// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <string>
#include <vector>

#include "widgets/run/run_row.h"

namespace llavakd {

class RunCatalog;
class RunSelection;

/// The catalog's runs as a table: a tick for the overlay in the first column; tags and notes can be edited. The newest
/// terms have a column each, as many as any of the runs has.
class RunsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum class Field { name, state, started, score, total, term, duration, steps, size, project, tags, notes };
  /// What a column sorts by; nothing where the run has no such value.
  static constexpr int sortRole = Qt::UserRole;

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
  int rowOf(const QString& folder) const;
  Field field(int column) const { return m_columns[size_t(column)].field; }
  /// The first column of a field; -1 where there is none.
  int columnOf(Field field) const;
  /// The column's name in settings: "state", "term NAME".
  QString key(int column) const;

 Q_SIGNALS:
  /// One more run can't be ticked.
  void tooManyTicked();

 private:
  struct Column {
    Field field;
    std::string term = {};
    bool operator==(const Column&) const = default;
  };
  static std::vector<Column> columnsOf(const std::vector<RunRow>& rows);
  void takeRows();
  void takeTicks();
  void replaceRows(const std::vector<RunRow>& rows);
  QString text(const RunRow& run, const Column& column) const;
  QString toolTip(const RunRow& run, const Column& column) const;
  QVariant sortKey(const RunRow& run, const Column& column) const;
  QVariant decoration(const RunRow& run, const Column& column) const;

  RunCatalog* m_catalog;
  RunSelection* m_selection;
  std::vector<RunRow> m_rows;
  std::vector<Column> m_columns;
};

}  // namespace llavakd
