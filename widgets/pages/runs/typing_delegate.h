// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStyledItemDelegate>

namespace llavakd {

class RunsModel;

/// Editors of the table of runs. One keeps what is typed: the run under it may go on meanwhile, and its row with it.
class TypingDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  /// The model outlives the delegate.
  TypingDelegate(RunsModel* model, QObject* parent);

  /// The rectangle of the focus lies over a cell's words: only a cell that can be edited needs it, the row is marked.
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  void destroyEditor(QWidget* editor, const QModelIndex& index) const override;
  void setEditorData(QWidget* editor, const QModelIndex& index) const override;

 private:
  RunsModel* m_model;
};

}  // namespace llavakd
