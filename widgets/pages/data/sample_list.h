// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QTableView>
#include <cstdint>
#include <vector>

namespace llavakd {

class SampleBrowser;

/// The rows that a browser's filter leaves, as a table. Cells are made when they are seen.
class SampleListModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { number, id, text, turns, pictures, tokens, columns };

  explicit SampleListModel(SampleBrowser* browser, QObject* parent = nullptr);
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// The browser's row at a place of the list, and back; -1 where it isn't listed.
  int64_t rowAt(int place) const { return m_rows[size_t(place)]; }
  int placeOf(int64_t row) const;

 private:
  void takeRows();
  QString cell(int64_t row, int column) const;

  SampleBrowser* m_browser;
  std::vector<int64_t> m_rows;
};

/// The table of the samples; keeps the chosen sample while rows come and go.
class SampleListView : public QTableView {
  Q_OBJECT

 public:
  explicit SampleListView(SampleBrowser* browser, QWidget* parent = nullptr);

  /// Forgets which was chosen: another set is shown.
  void forget() { m_current = -1; }
  /// The browser's row that is chosen, or -1.
  int64_t currentRow() const { return m_current; }
  /// Chooses it and scrolls to it. False where the filter hides it.
  bool showRow(int64_t row);

 Q_SIGNALS:
  void rowChosen(int64_t row);

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void keepCurrent();
  void fitColumns();

  SampleListModel* m_model;
  int64_t m_current = -1;
  bool m_resetting = false;
};

}  // namespace llavakd
