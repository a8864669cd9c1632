// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>
#include <vector>

#include "core/run/run_difference.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/run_row.h"

class QCheckBox;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace llavakd {

class TextLabel;

/// Several runs, one a column: their results, and the options in which they differ, by stage.
class RunComparison : public QWidget {
  Q_OBJECT

 public:
  /// More columns than these can't be read side by side.
  static constexpr size_t mostRuns = 8;

  explicit RunComparison(QWidget* parent = nullptr);

  /// The first one is what the others are measured against. Their options are read in the background, unless they are
  /// those that are shown and none has changed.
  void setRuns(std::vector<RunRow> runs);

 private:
  void read();
  void showOptions(const std::vector<OptionRow>& rows);
  void showResults();
  QTreeWidgetItem* addGroup(const QString& title);
  void addRow(QTreeWidgetItem* group, const QString& name, const QStringList& values, bool differs);
  void filter();
  void copy() const;

  std::vector<RunRow> m_chosen;  ///< All of them, also those without a column.
  std::vector<RunRow> m_runs;
  std::vector<OptionRow> m_rows;
  size_t m_leftOut = 0;
  NewestRequest m_readings;
  QCheckBox* m_onlyDifferences;
  TextLabel* m_state;
  QPushButton* m_report;
  QTreeWidget* m_tree;
};

}  // namespace llavakd
