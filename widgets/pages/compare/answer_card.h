// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include "widgets/pages/compare/asked_questions.h"
#include "widgets/theme/parts.h"

class QHBoxLayout;
class QProgressBar;
class QTextBrowser;
class QToolButton;

namespace llavakd {

/// One model's answer under its bar: the text, and how long it took.
class AnswerCard : public Card {
  Q_OBJECT

 public:
  AnswerCard(theme::Who who, const QString& title, QWidget* parent = nullptr);
  /// An answer is on its way; what is shown stays until then.
  void setWaiting(const QString& text);
  /// `remark`: takes the place of the figures.
  void setAnswer(const GivenAnswer& given, const QString& remark = {});
  /// Why there is no answer.
  void setFailure(const QString& why);
  void clear();
  /// Underlines what the other answer has not.
  void compareWith(const AnswerCard& other);
  bool hasAnswer() const { return m_answered; }
  QString answer() const { return m_answer; }
  /// Why there is no answer; empty where there is one, or where nothing was asked.
  QString failure() const { return m_answered ? QString() : m_note; }
  QString figuresText() const;
  QToolButton* moreButton() const { return m_more; }
  /// The row of title and, at its end, what the page adds (a choice of checkpoint).
  QHBoxLayout* head() const { return m_head; }

 Q_SIGNALS:
  /// The answer was cut, and the rest is wanted.
  void moreAsked();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void showAnswer();
  void writeAnswer();

  QHBoxLayout* m_head;
  QTextBrowser* m_text;
  QProgressBar* m_busy;
  TextLabel* m_figures;
  QToolButton* m_more;
  QString m_answer, m_other, m_note;
  bool m_answered = false, m_compared = false;
};

}  // namespace llavakd
