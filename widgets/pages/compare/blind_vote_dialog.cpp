// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/blind_vote_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/shared/picture_view.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int votePictureSide = 180;

QTextBrowser* makeAnswer(const QString& name) {
  auto* text = new QTextBrowser;
  text->setFrameShape(QFrame::NoFrame);
  text->viewport()->setAutoFillBackground(false);
  text->document()->setDocumentMargin(0);
  text->setAccessibleName(name);
  return text;
}

Card* makeCard(const QString& title, QTextBrowser* text) {
  auto* card = new Card;
  card->body()->addWidget(new TextLabel(title, theme::Size::caption, TextLabel::Tone::muted));
  card->body()->addWidget(text, 1);
  return card;
}

}  // namespace

BlindVoteDialog::BlindVoteDialog(AskedThread* thread, unsigned seed, QWidget* parent)
    : QDialog(parent),
      m_thread(thread),
      m_lots(seed),
      m_pairs(new QComboBox),
      m_picture(new PictureView),
      m_question(new TextLabel({}, theme::Size::title)),
      m_count(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_result(new TextLabel),
      m_leftAnswer(makeAnswer(tr("Answer on the left"))),
      m_rightAnswer(makeAnswer(tr("Answer on the right"))),
      m_leftBetter(new ActionButton(tr("1  Left is better"))),
      m_rightBetter(new ActionButton(tr("2  Right is better"))),
      m_tie(new ActionButton(tr("3  Equally good"))) {
  setWindowTitle(tr("Blind vote"));
  resize(760, 520);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  auto* head = new QHBoxLayout;
  m_pairs->setAccessibleName(tr("The two models that are judged"));
  m_pairs->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  m_pairs->setMinimumContentsLength(40);
  head->addWidget(m_pairs);
  head->addStretch(1);
  head->addWidget(m_count);
  column->addLayout(head);
  column->addWidget(m_asking = makeAnswers(), 1);
  m_result->setWordWrap(true);
  m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_result->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  column->addWidget(m_result, 1);
  column->addWidget(m_buttons = makeButtons());
  m_known = modelPairs(thread->rows(), thread->votes());
  for (const ModelPair& each : m_known) m_pairs->addItem(tr("%1 and %2").arg(each.first.name, each.second.name));
  connect(m_pairs, &QComboBox::currentIndexChanged, this, &BlindVoteDialog::choosePair);
  choosePair();
}

QWidget* BlindVoteDialog::makeAnswers() {
  auto* asking = new QWidget;
  auto* column = new QVBoxLayout(asking);
  column->setContentsMargins(0, 0, 0, 0);
  auto* asked = new QHBoxLayout;
  m_picture->setFixedSize(votePictureSide, votePictureSide);
  asked->setSpacing(theme::gapLarge);
  m_question->setWordWrap(true);
  m_question->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  m_question->setTextFormat(Qt::PlainText);
  asked->addWidget(m_picture);
  asked->addWidget(m_question, 1);
  column->addLayout(asked);
  auto* answers = new QHBoxLayout;
  answers->setSpacing(theme::gap);
  answers->addWidget(makeCard(tr("Left"), m_leftAnswer), 1);
  answers->addWidget(makeCard(tr("Right"), m_rightAnswer), 1);
  column->addLayout(answers, 1);
  return asking;
}

QWidget* BlindVoteDialog::makeButtons() {
  auto* row = new QWidget;
  auto* line = new QHBoxLayout(row);
  line->setContentsMargins(0, 0, 0, 0);
  const std::pair<ActionButton*, Side> choices[] = {
      {m_leftBetter, Side::left}, {m_rightBetter, Side::right}, {m_tie, Side::neither}};
  int key = Qt::Key_1;
  for (const auto& [button, side] : choices) {
    button->setAutoDefault(false);
    line->addWidget(button);
    connect(button, &QPushButton::clicked, this, [this, side = side] { judge(side); });
    auto* shortcut = new QShortcut(QKeySequence(key++), this);
    connect(shortcut, &QShortcut::activated, this, [this, side = side] { judge(side); });
  }
  line->addStretch(1);
  auto* close = new QPushButton(tr("Close"));
  close->setAutoDefault(false);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  line->addWidget(close);
  return row;
}

const ModelPair& BlindVoteDialog::pair() const {
  return m_known[std::size_t(m_pairs->currentIndex())];
}

void BlindVoteDialog::choosePair() {
  m_open.clear();
  if (m_pairs->currentIndex() >= 0) m_open = openQuestions(m_thread->rows(), m_thread->votes(), pair());
  std::ranges::shuffle(m_open, m_lots);
  showQuestion();
}

void BlindVoteDialog::showQuestion() {
  const bool asks = !m_open.empty();
  m_asking->setVisible(asks);
  m_result->setVisible(!asks);
  for (ActionButton* button : {m_leftBetter, m_rightBetter, m_tie}) button->setEnabled(asks);
  m_count->setText(asks ? tr("%1 to judge").arg(theme::wholeNumber(qint64(m_open.size()))) : QString());
  if (!asks) return showResult();
  const BlindQuestion& asked = m_open.back();
  m_firstIsLeft = m_lots() % 2 == 0;
  m_picture->setFile(asked.pictures.value(0));
  m_picture->setVisible(!asked.pictures.isEmpty());
  m_question->setText(asked.question);
  m_leftAnswer->setPlainText(m_firstIsLeft ? asked.first : asked.second);
  m_rightAnswer->setPlainText(m_firstIsLeft ? asked.second : asked.first);
}

void BlindVoteDialog::showResult() {
  if (m_pairs->currentIndex() < 0)
    return m_result->setText(tr("Ask two models the same question first; then their answers can be judged here."));
  const VoteTally tally = tallyOf(m_thread->votes(), pair());
  QString text = tallyText(pair(), tally);
  if (pair().sameText > 0)
    text +=
        QLatin1Char('\n') +
        tr("Answered with the same words, which leaves nothing to choose: %1").arg(theme::wholeNumber(pair().sameText));
  m_result->setText(text);
}

void BlindVoteDialog::judge(Side side) {
  if (m_open.empty()) return;
  const BlindQuestion asked = m_open.back();
  m_open.pop_back();
  BlindVote vote{.row = asked.row, .turn = asked.turn, .first = pair().first, .second = pair().second};
  if (side != Side::neither)
    vote.choice = (side == Side::left) == m_firstIsLeft ? BlindVote::Choice::first : BlindVote::Choice::second;
  m_thread->addVote(vote);
  showQuestion();
}

QString BlindVoteDialog::leftText() const {
  return m_leftAnswer->toPlainText();
}
QString BlindVoteDialog::rightText() const {
  return m_rightAnswer->toPlainText();
}
QString BlindVoteDialog::resultText() const {
  return m_result->isHidden() ? QString() : m_result->text();
}

}  // namespace llavakd
