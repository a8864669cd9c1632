// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/question_edit.h"

#include <QKeyEvent>

#include "widgets/theme/theme.h"

namespace llavakd {

QuestionEdit::QuestionEdit(QWidget* parent) : QPlainTextEdit(parent) {
  setPlaceholderText(tr("What do you want to know about the picture?"));
  setAccessibleName(tr("Question"));
  setTabChangesFocus(true);
  setFixedHeight(2 * fontMetrics().lineSpacing() + 2 * theme::gapSmall);
}

void QuestionEdit::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (!enter || event->modifiers().testFlag(Qt::ShiftModifier)) return QPlainTextEdit::keyPressEvent(event);
  Q_EMIT submitted();
}

}  // namespace llavakd
