// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/typing_delegate.h"

#include <QTimer>
#include <QWidget>

#include "widgets/pages/runs/runs_model.h"

namespace llavakd {
namespace {

constexpr const char* filledProperty = "filled";

}  // namespace

TypingDelegate::TypingDelegate(RunsModel* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

void TypingDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem drawn = option;
  if (!(index.flags() & Qt::ItemIsEditable)) drawn.state &= ~QStyle::State_HasFocus;
  QStyledItemDelegate::paint(painter, drawn, index);
}

QWidget* TypingDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                                      const QModelIndex& index) const {
  m_model->setEdited(true);
  return QStyledItemDelegate::createEditor(parent, option, index);
}

void TypingDelegate::destroyEditor(QWidget* editor, const QModelIndex& index) const {
  QStyledItemDelegate::destroyEditor(editor, index);
  QTimer::singleShot(0, m_model, [model = m_model] { model->setEdited(false); });  // the view is still closing it
}

void TypingDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const {
  if (editor->property(filledProperty).toBool()) return;
  QStyledItemDelegate::setEditorData(editor, index);
  editor->setProperty(filledProperty, true);
}

}  // namespace llavakd
