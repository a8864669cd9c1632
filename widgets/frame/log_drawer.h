// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLineEdit;
class QSortFilterProxyModel;
class QToolButton;
class QTreeView;

namespace llavakd {

class LogModel;
class RunWatcher;

/// The run's log under every page (Ctrl+L): what happened, when, at which step. It can be filtered by words and for
/// warnings, and shows the recorded events on wish.
class LogDrawer : public QWidget {
  Q_OBJECT

 public:
  explicit LogDrawer(RunWatcher* run, QWidget* parent = nullptr);
  /// Lines that are shown, as columns.
  QTreeView* table() const { return m_table; }
  QLineEdit* filter() const { return m_filter; }
  QToolButton* warningsButton() const { return m_warnings; }
  QToolButton* jsonButton() const { return m_json; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void append(const QString& text);
  void copyRows();

  LogModel* m_lines;
  QSortFilterProxyModel* m_shown;
  QLineEdit* m_filter;
  QToolButton *m_warnings, *m_json;
  QTreeView* m_table;
};

}  // namespace llavakd
