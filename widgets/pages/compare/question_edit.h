// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPlainTextEdit>

namespace llavakd {

/// Two lines for a question. Enter asks, Shift+Enter begins a line, Tab goes on to the next field.
class QuestionEdit : public QPlainTextEdit {
  Q_OBJECT

 public:
  explicit QuestionEdit(QWidget* parent = nullptr);
  QString text() const { return toPlainText(); }
  void setText(const QString& text) { setPlainText(text); }
  QSize sizeHint() const override { return {240, height()}; }

 Q_SIGNALS:
  void submitted();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace llavakd
