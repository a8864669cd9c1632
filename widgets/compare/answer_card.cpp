// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/compare/answer_card.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QTextBrowser>
#include <QTextCharFormat>
#include <QTextCursor>
#include <QVBoxLayout>

#include "widgets/compare/word_difference.h"

namespace llavakd {

AnswerCard::AnswerCard(theme::Who who, const QString& title, QWidget* parent)
    : Card(who, parent),
      m_head(new QHBoxLayout),
      m_text(new QTextBrowser),
      m_busy(new QProgressBar),
      m_figures(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)) {
  m_head->addWidget(new TextLabel(title, theme::Size::title));
  m_head->addStretch(1);
  body()->addLayout(m_head);
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setAccessibleName(tr("Answer: %1").arg(title));
  m_text->setPlaceholderText(tr("The answer shows here."));
  m_text->viewport()->setAutoFillBackground(false);
  m_text->document()->setDocumentMargin(0);
  m_text->setMinimumHeight(64);
  body()->addWidget(m_text, 1);
  m_busy->setRange(0, 0);
  m_busy->setTextVisible(false);
  m_busy->setFixedHeight(4);
  QSizePolicy keep = m_busy->sizePolicy();
  keep.setRetainSizeWhenHidden(true);  // nothing jumps when the answer arrives
  m_busy->setSizePolicy(keep);
  m_busy->hide();
  body()->addWidget(m_busy);
  body()->addWidget(m_figures);
  clear();
}

void AnswerCard::clear() {
  m_answered = m_compared = false;
  m_answer.clear();
  m_note.clear();
  m_busy->hide();
  m_figures->setText(QStringLiteral(" "));
  showAnswer();
}

void AnswerCard::setWaiting(const QString& text) {
  clear();
  m_busy->show();
  m_figures->setText(text);
}

void AnswerCard::setAnswer(const QString& text, double seconds, double tokensPerSecond) {
  m_busy->hide();
  m_answered = true;
  m_compared = false;
  m_answer = text;
  m_note = text.trimmed().isEmpty() ? tr("The model ended its answer at once.") : QString();
  m_figures->setText(
      tr("%1 s · %2 tokens/s").arg(QString::number(seconds, 'g', 3), QString::number(tokensPerSecond, 'g', 3)));
  showAnswer();
}

void AnswerCard::setFailure(const QString& why) {
  clear();
  m_note = why;
  showAnswer();
}

void AnswerCard::compareWith(const AnswerCard& other) {
  m_compared = m_answered && other.m_answered;
  m_other = other.m_answer;
  showAnswer();
}

QString AnswerCard::figuresText() const {
  return m_figures->text();
}

void AnswerCard::showAnswer() {
  m_text->clear();
  QTextCursor cursor(m_text->document());
  QTextCharFormat plain;
  plain.setFont(theme::font(theme::Size::body));
  plain.setForeground(m_note.isEmpty() ? theme::text() : theme::mutedText());
  if (!m_note.isEmpty()) return cursor.insertText(m_note, plain);
  QTextCharFormat different = plain;
  different.setUnderlineStyle(QTextCharFormat::SingleUnderline);
  different.setUnderlineColor(theme::accent());
  different.setFontWeight(QFont::DemiBold);
  if (!m_compared) return cursor.insertText(m_answer, plain);
  for (const auto& part : wordDifference(m_answer, m_other)) {
    // The space behind the last differing word belongs to no word.
    QString words = part.text, space;
    while (!words.isEmpty() && words.back().isSpace()) space.prepend(words.back()), words.chop(1);
    cursor.insertText(words, part.differs ? different : plain);
    cursor.insertText(space, plain);
  }
}

void AnswerCard::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) showAnswer();
  Card::changeEvent(event);
}

}  // namespace llavakd
