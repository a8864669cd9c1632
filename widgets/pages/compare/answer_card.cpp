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

// A browser as high as its text; the page scrolls, and this doesn't.
class AnswerText : public QTextBrowser {
 public:
  AnswerText() {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  }
  QSize sizeHint() const override {
    return {200, std::max(fontMetrics().height(), int(std::ceil(document()->size().height()))) + 2};
  }
  QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QTextBrowser::resizeEvent(event);
    if (event->oldSize().width() != event->size().width()) updateGeometry();
  }
  // The page's wheel, not the text's.
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
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

// "47 ms", "1.23 s".
QString waitText(double seconds) {
  if (seconds < 0.9995) return AnswerCard::tr("%1 ms").arg(theme::wholeNumber(std::lround(1000 * seconds)));
  return AnswerCard::tr("%1 s").arg(theme::roundedNumber(seconds, 3));
}

// What isn't known is left out.
QString figuresOf(const GivenAnswer& given) {
  QStringList figures;
  if (given.stopped) figures << AnswerCard::tr("Stopped");
  if (given.cutAt) figures << AnswerCard::tr("Cut off at %1 tokens").arg(theme::wholeNumber(*given.cutAt));
  if (given.firstTokenSeconds)
    figures << AnswerCard::tr("First token after %1").arg(waitText(*given.firstTokenSeconds));
  if (given.tokensPerSecond)
    figures << AnswerCard::tr("%1 tokens/s").arg(theme::roundedNumber(*given.tokensPerSecond, 3));
  return figures.join(QStringLiteral(" · "));
}

QString meaningOf(const GivenAnswer& given) {
  const QString whole = AnswerCard::tr("The whole answer took %1. The first token comes after picture and question.")
                            .arg(waitText(given.seconds));
  return whole + QLatin1Char(' ') +
         (given.tokensPerSecond ? AnswerCard::tr("Tokens/s: of the answer alone, without its first step.")
                                : AnswerCard::tr("It is too short to measure the tokens a second."));
}

bool differ(const QString& a, const QString& b) {
  const auto differs = [](const std::vector<WordPart>& parts) {
    return std::ranges::any_of(parts, &WordPart::differs);
  };
  return differs(wordDifference(a, b)) || differs(wordDifference(b, a));
}

}  // namespace

bool isRightAnswer(const QString& answer, const QString& reference) {
  return answer.trimmed() == reference.trimmed();
}

AnswerCard::AnswerCard(const AskedModel& model, QWidget* parent)
    : Card(model.who, parent),
      m_text(new AnswerText),
      m_busy(new QProgressBar),
      m_figures(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_same(new TextLabel(tr("= same"), theme::Size::caption, TextLabel::Tone::muted)),
      m_mark(new StateBadge),
      m_more(makeToolButton({}, tr("more"), tr("Lets the model go on where it was cut off"))),
      m_who(model.who) {
  body()->setContentsMargins(theme::gap, theme::gapSmall + theme::whoBar, theme::gap, theme::gapSmall);
  body()->setSpacing(theme::gapTiny);
  auto* head = new QHBoxLayout;
  auto* name = new ElidedLabel(model.name);
  QFont bold = theme::font(theme::Size::body);
  bold.setWeight(QFont::DemiBold);
  name->setFont(bold);
  if (!model.detail.isEmpty()) name->setToolTip(QStringLiteral("%1\n%2").arg(model.name, model.detail));
  name->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  m_same->setToolTip(tr("Word for word the same; letter case and punctuation at a word's ends don't count"));
  head->addWidget(name, 1);
  head->addWidget(m_same);
  head->addWidget(m_mark);
  auto* strut = new QWidget;  // heads with and without a mark are equally high
  strut->setFixedSize(0, theme::iconSize);
  head->addWidget(strut);
  body()->addLayout(head);
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setAccessibleName(tr("Answer: %1").arg(model.name));
  m_text->viewport()->setAutoFillBackground(false);
  m_text->document()->setDocumentMargin(0);
  body()->addWidget(m_text);
  body()->addStretch(1);
  m_busy->setRange(0, 0);
  m_busy->setTextVisible(false);
  m_busy->setFixedHeight(4);
  QSizePolicy keep = m_busy->sizePolicy();
  keep.setRetainSizeWhenHidden(true);  // nothing jumps when the answer arrives
  m_busy->setSizePolicy(keep);
  body()->addWidget(m_busy);
  auto* foot = new QHBoxLayout;
  m_figures->setWordWrap(true);
  foot->addWidget(m_figures, 1);
  m_more->setObjectName(QStringLiteral("more"));
  m_more->setToolButtonStyle(Qt::ToolButtonTextOnly);
  foot->addWidget(m_more, 0, Qt::AlignBottom);
  body()->addLayout(foot);
  connect(m_more, &QToolButton::clicked, this, &AnswerCard::moreAsked);
  setAnswer({}, {});
}

void AnswerCard::setAnswer(const ModelAnswer& answer, const Beside& beside) {
  if (m_shown && m_shown->first == answer && m_shown->second == beside) return;
  m_shown.emplace(answer, beside);
  // A longer answer begins anew: until it has come as far, the cut one stays.
  const bool isComing = answer.isWaiting() && (!answer.given || answer.piece.size() > answer.given->text.size());
  m_hasAnswer = answer.given.has_value();
  m_answer = isComing ? answer.piece : answer.given ? answer.given->text : QString();
  m_note.clear();
  if (answer.isWaiting() && m_answer.isEmpty())
    m_note = tr("Thinking…");
  else if (!answer.isWaiting() && !answer.given)
    m_note = answer.why;
  else if (!answer.isWaiting() && m_answer.trimmed().isEmpty())
    m_note = answer.given->stopped ? tr("Stopped before its first word.") : tr("The model ended its answer at once.");
  m_other = answer.isWaiting() || !answer.given ? std::nullopt : beside.other;
  showHead(answer, beside);
  showFoot(answer, beside);
  write();
  m_text->updateGeometry();
}

void AnswerCard::showHead(const ModelAnswer& answer, const Beside& beside) {
  const bool complete = answer.given && !answer.isWaiting();
  m_same->setVisible(complete && m_other && !beside.isAnchor && !differ(m_answer, *m_other));
  m_mark->setVisible(complete && !beside.reference.isEmpty());
  if (!complete || beside.reference.isEmpty()) return m_mark->setState(theme::State::none, {});
  if (isRightAnswer(m_answer, beside.reference))
    m_mark->setState(theme::State::done, tr("right"));
  else
    m_mark->setState(theme::State::failed, tr("wrong"));
}

void AnswerCard::showFoot(const ModelAnswer& answer, const Beside& beside) {
  m_busy->setVisible(answer.isWaiting());
  m_more->setVisible(!answer.isWaiting() && beside.mayGoOn && answer.given && answer.given->canGoOn);
  QString figures;
  if (answer.isWaiting())
    figures = answer.tokens > 0 ? tr("%1 tokens so far").arg(theme::wholeNumber(answer.tokens)) : QString();
  else if (answer.given)
    figures = answer.why.isEmpty() ? figuresOf(*answer.given) : answer.why;
  m_figures->setText(figures.isEmpty() ? QStringLiteral(" ") : figures);  // the card keeps its height
  m_figures->setToolTip(answer.given && !answer.isWaiting() ? meaningOf(*answer.given) : QString());
}

QString AnswerCard::figuresText() const {
  return m_figures->text();
}

QStringList AnswerCard::badges() const {
  QStringList said;
  if (!m_same->isHidden()) said << m_same->text();
  if (!m_mark->isHidden()) said << m_mark->text();
  return said;
}

void AnswerCard::write() {
  m_text->clear();
  const QFont font = theme::font(theme::Size::body);
  m_text->document()->setDefaultFont(font);
  QTextCursor cursor(m_text->document());
  QTextCharFormat plain;
  plain.setFont(font);
  plain.setForeground(m_note.isEmpty() ? theme::text() : theme::mutedText());
  if (!m_note.isEmpty()) return cursor.insertText(m_note, plain);
  if (!m_other) return cursor.insertText(m_answer, plain);
  QTextCharFormat different = plain;
  different.setBackground(theme::differenceTint(m_who));
  for (const auto& part : wordDifference(m_answer, *m_other)) {
    // The space behind the last differing word belongs to no word.
    QString words = part.text, space;
    while (!words.isEmpty() && words.back().isSpace()) space.prepend(words.back()), words.chop(1);
    cursor.insertText(words, part.differs ? different : plain);
    cursor.insertText(space, plain);
  }
}

void AnswerCard::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) write();
  Card::changeEvent(event);
}

}  // namespace llavakd
