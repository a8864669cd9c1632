// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <functional>
#include <memory>
#include <vector>

#include "widgets/charts/number_table.h"
#include "widgets/shared/value_table.h"

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace llavakd {

/// The numbers behind a chart or a map: what it showed when the table was opened or updated last, to be sorted by any
/// column and copied as comma-separated values. Stays open next to the window.
class ValueTableDialog : public QDialog {
  Q_OBJECT

 public:
  /// Gives what is shown now; never null.
  using Read = std::function<std::shared_ptr<const NumberTable>()>;

  /// `title`: what the numbers are of.
  ValueTableDialog(const QString& title, Read read, QWidget* parent = nullptr);
  ValueTableView* view() const { return m_view; }
  ValueTableModel* model() const { return m_model; }
  /// Which rows there are, in a sentence.
  QString rowsText() const;
  /// What was done last, in a sentence.
  QString stateText() const;

 private:
  void makeTop(QBoxLayout* layout);
  void makeButtons(QBoxLayout* layout);
  void readAgain();
  void showOrder();
  void sortByChoice();
  void copySelected();
  void copy(std::vector<std::uint32_t> rows);

  Read m_read;
  ValueTableModel* m_model;
  ValueTableView* m_view;
  QLabel *m_rowsLabel, *m_state;
  QComboBox* m_column;
  QCheckBox* m_descending;
  QPushButton* m_copy;
};

/// Opens the table of what a chart or a map shows over its window; it deletes itself.
void showValueTable(QWidget* shown, const QString& title, ValueTableDialog::Read read);

}  // namespace llavakd
