// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/answer_card.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QProgressBar>
#include <QResizeEvent>
#include <QTextBrowser>
#include <QTextCharFormat>
#include <QTextCursor>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/pages/compare/word_difference.h"
#include "widgets/theme/numbers.h"

namespace llavakd {

namespace {

// A browser as high as its text, as far as the page has room; then it scrolls.
class AnswerText : public QTextBrowser {
 public:
  AnswerText() { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); }
  QSize sizeHint() const override {
    return {240, std::max(minimumHeight(), int(std::ceil(document()->size().height())) + 2)};
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QTextBrowser::resizeEvent(event);
    if (event->oldSize().width() != event->size().width()) updateGeometry();
  }
  // Without a frame there is nothing else that would show the focus.
  void paintEvent(QPaintEvent* event) override {
    QTextBrowser::paintEvent(event);
    if (!hasFocus()) return;
    QPainter painter(viewport());
    painter.setPen(theme::accent());
    painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
  }
  void focusInEvent(QFocusEvent* event) override {
    QTextBrowser::focusInEvent(event);
    viewport()->update();
  }
  void focusOutEvent(QFocusEvent* event) override {
    QTextBrowser::focusOutEvent(event);
    viewport()->update();
  }
};

// Answers are what the page is about: larger than the rest, but not bold.
QFont answerFont() {
  QFont font = theme::font(theme::Size::title);
  font.setWeight(QFont::Normal);
  return font;
}

// "47 ms", "1.23 s".
QString waitText(double seconds) {
  if (seconds < 0.9995) return AnswerCard::tr("%1 ms").arg(theme::wholeNumber(std::lround(1000 * seconds)));
  return AnswerCard::tr("%1 s").arg(theme::roundedNumber(seconds, 3));
}

// What isn't known is left out.
QString figuresOf(const GivenAnswer& given) {
  QStringList figures;
  if (given.cutAt) figures << AnswerCard::tr("Cut off at %1 tokens").arg(theme::wholeNumber(*given.cutAt));
  if (given.firstTokenSeconds)
    figures << AnswerCard::tr("First token after %1").arg(waitText(*given.firstTokenSeconds));
  if (given.tokensPerSecond)
    figures << AnswerCard::tr("%1 tokens/s").arg(theme::roundedNumber(*given.tokensPerSecond, 3));
  return figures.isEmpty() ? QStringLiteral(" ") : figures.join(QStringLiteral(" · "));  // the card keeps its height
}

QString meaningOf(const GivenAnswer& given) {
  const QString whole = AnswerCard::tr("The whole answer took %1. The first token comes after picture and question.")
                            .arg(waitText(given.seconds));
  return whole + QLatin1Char(' ') +
         (given.tokensPerSecond ? AnswerCard::tr("Tokens/s: of the answer alone, without its first step.")
                                : AnswerCard::tr("It is too short to measure the tokens a second."));
}

}  // namespace

AnswerCard::AnswerCard(theme::Who who, const QString& title, QWidget* parent)
    : Card(who, parent),
      m_head(new QHBoxLayout),
      m_text(new AnswerText),
      m_busy(new QProgressBar),
      m_figures(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_more(makeToolButton({}, tr("More"), tr("Lets the model go on where it was cut off"))) {
  m_head->addWidget(new TextLabel(title, theme::Size::title));
  m_head->addStretch(1);
  auto* strut = new QWidget;  // both cards' heads are as high as the one with a choice in it
  strut->setFixedSize(0, theme::rowHeight);
  m_head->addWidget(strut);
  body()->addLayout(m_head);
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setAccessibleName(tr("Answer: %1").arg(title));
  m_text->setPlaceholderText(tr("The answer shows here."));
  m_text->viewport()->setAutoFillBackground(false);
  m_text->document()->setDocumentMargin(0);
  m_text->setMinimumHeight(88);
  body()->addWidget(m_text);
  m_busy->setRange(0, 0);
  m_busy->setTextVisible(false);
  m_busy->setFixedHeight(4);
  QSizePolicy keep = m_busy->sizePolicy();
  keep.setRetainSizeWhenHidden(true);  // nothing jumps when the answer arrives
  m_busy->setSizePolicy(keep);
  m_busy->hide();
  body()->addWidget(m_busy);
  auto* foot = new QHBoxLayout;
  m_figures->setWordWrap(true);
  foot->addWidget(m_figures, 1);
  QSizePolicy kept = m_more->sizePolicy();
  kept.setRetainSizeWhenHidden(true);
  m_more->setSizePolicy(kept);
  m_more->setObjectName(QStringLiteral("more"));
  m_more->setToolButtonStyle(Qt::ToolButtonTextOnly);
  foot->addWidget(m_more, 0, Qt::AlignBottom);
  body()->addLayout(foot);
  connect(m_more, &QToolButton::clicked, this, &AnswerCard::moreAsked);
  clear();
}

void AnswerCard::clear() {
  m_answered = m_compared = false;
  m_answer.clear();
  m_note.clear();
  m_busy->hide();
  m_more->hide();
  m_figures->setText(QStringLiteral(" "));
  m_figures->setToolTip({});
  showAnswer();
}

void AnswerCard::setWaiting(const QString& text) {
  m_busy->show();
  m_more->hide();
  m_figures->setText(text);
}

void AnswerCard::setAnswer(const GivenAnswer& given, const QString& remark) {
  m_busy->hide();
  m_answered = true;
  m_compared = false;
  m_answer = given.text;
  m_note = given.text.trimmed().isEmpty() ? tr("The model ended its answer at once.") : QString();
  m_more->setVisible(given.canGoOn);
  m_figures->setText(remark.isEmpty() ? figuresOf(given) : remark);
  m_figures->setToolTip(meaningOf(given));
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
  writeAnswer();
  m_text->updateGeometry();
}

void AnswerCard::writeAnswer() {
  m_text->clear();
  m_text->document()->setDefaultFont(answerFont());
  QTextCursor cursor(m_text->document());
  QTextCharFormat plain;
  plain.setFont(answerFont());
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
