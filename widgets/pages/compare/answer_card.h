// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <optional>

#include "widgets/theme/parts.h"

class QHBoxLayout;
class QProgressBar;
class QTextBrowser;

namespace llavakd {

/// What a model said, and how long it took.
struct GivenAnswer {
  QString text;
  double seconds = 0;                     ///< With picture and prompt.
  std::optional<double> tokensPerSecond;  ///< Of the answer alone; nothing where it is too short to tell.
  std::optional<int> cutAt;               ///< The limit in tokens that ended it.
};

/// One model's answer under its bar: the text, and how long it took.
class AnswerCard : public Card {
  Q_OBJECT

 public:
  AnswerCard(theme::Who who, const QString& title, QWidget* parent = nullptr);
  void setWaiting(const QString& text);
  void setAnswer(const GivenAnswer& given);
  /// Why there is no answer.
  void setFailure(const QString& why);
  void clear();
  /// Underlines what the other answer has not.
  void compareWith(const AnswerCard& other);
  bool hasAnswer() const { return m_answered; }
  QString answer() const { return m_answer; }
  QString figuresText() const;
  /// The row of title and, at its end, what the page adds (a choice of checkpoint).
  QHBoxLayout* head() const { return m_head; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void showAnswer();
  void writeAnswer();

  QHBoxLayout* m_head;
  QTextBrowser* m_text;
  QProgressBar* m_busy;
  TextLabel* m_figures;
  QString m_answer, m_other, m_note;
  bool m_answered = false, m_compared = false;
};

}  // namespace llavakd
