// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <optional>
#include <utility>

#include "widgets/pages/compare/asked_thread.h"
#include "widgets/theme/parts.h"

class QProgressBar;
class QTextBrowser;
class QToolButton;

namespace llavakd {

/// One model's answer under its bar: the text while it comes and afterwards, whether it is right, whether it is the
/// same as another's, and how long it took.
class AnswerCard : public Card {
  Q_OBJECT

 public:
  explicit AnswerCard(const AskedModel& model, QWidget* parent = nullptr);

  struct Beside {
    std::optional<QString> other = {};  ///< The answer that this one is compared with, word by word.
    bool isAnchor = false;              ///< Others are compared with this one.
    QString reference = {};             ///< The right answer, where it is known.
    bool mayGoOn = false;               ///< More may be asked of it.
    bool operator==(const Beside&) const = default;
  };
  void setAnswer(const ModelAnswer& answer, const Beside& beside);

  /// What is in the card: the answer, also one that is still coming.
  QString answer() const { return m_answer; }
  bool hasAnswer() const { return m_hasAnswer; }
  /// Why there is no answer; empty where there is one, or where it is on its way.
  QString failure() const { return m_hasAnswer ? QString() : m_note; }
  QString figuresText() const;
  /// "same", "right", "wrong": what is said of the answer, in words.
  QStringList badges() const;
  QToolButton* moreButton() const { return m_more; }

 Q_SIGNALS:
  /// The answer was cut, and the rest is wanted.
  void moreAsked();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void showHead(const ModelAnswer& answer, const Beside& beside);
  void showFoot(const ModelAnswer& answer, const Beside& beside);
  void write();

  QTextBrowser* m_text;
  QProgressBar* m_busy;
  TextLabel *m_figures, *m_same;
  StateBadge* m_mark;
  QToolButton* m_more;
  theme::Who m_who;
  QString m_answer, m_note;
  std::optional<QString> m_other;
  std::optional<std::pair<ModelAnswer, Beside>> m_shown;  ///< Words are compared once, not with each piece of others.
  bool m_hasAnswer = false;
};

/// Whether an answer is the reference: the same text, white space at its ends aside, as exact_match counts it.
bool isRightAnswer(const QString& answer, const QString& reference);

}  // namespace llavakd
