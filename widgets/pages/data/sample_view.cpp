// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_view.h"

#include <QButtonGroup>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/pages/data/prepared_picture.h"
#include "widgets/pages/data/segment_strip.h"
#include "widgets/pages/data/token_flow.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

TextLabel* selectableText(const QString& text, TextLabel::Tone tone = TextLabel::Tone::normal,
                          theme::Size size = theme::Size::body) {
  auto* label = new TextLabel(text, size, tone);
  label->setTextFormat(Qt::PlainText);  // a data file's text is no markup
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

QToolButton* whoButton(const QString& text, const QString& name) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setObjectName(name);
  button->setCheckable(true);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

QString pixelSizeText(const QSize& size) {
  return QStringLiteral("%1 × %2").arg(theme::wholeNumber(size.width()), theme::wholeNumber(size.height()));
}

}  // namespace

SampleView::SampleView(QWidget* parent)
    : QScrollArea(parent),
      m_title(new ElidedLabel({}, theme::Size::title)),
      m_where(selectableText({}, TextLabel::Tone::muted, theme::Size::caption)),
      m_hint(selectableText({}, TextLabel::Tone::muted)),
      m_modelText(selectableText({}, TextLabel::Tone::muted, theme::Size::caption)),
      m_cut(selectableText({})),
      m_tokenText(selectableText({}, TextLabel::Tone::muted, theme::Size::caption)),
      m_processor(selectableText({}, TextLabel::Tone::muted, theme::Size::caption)),
      m_message(new InlineMessage),
      m_student(whoButton(tr("Student"), QStringLiteral("asStudent"))),
      m_teacher(whoButton(tr("Teacher"), QStringLiteral("asTeacher"))),
      m_segments(new SegmentStrip),
      m_tokens(new TokenFlow) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, theme::gapSmall, 0);
  column->setSpacing(theme::gapSmall);
  for (QWidget* part : {static_cast<QWidget*>(m_title), static_cast<QWidget*>(m_where),
                        static_cast<QWidget*>(m_message), static_cast<QWidget*>(m_hint)})
    column->addWidget(part);
  column->addWidget(m_modelCard = makeModelCard());
  column->addWidget(m_conversationCard = makeConversationCard());
  column->addStretch();
  setWidget(content);
  auto* who = new QButtonGroup(this);
  who->addButton(m_student);
  who->addButton(m_teacher);
  connect(m_student, &QToolButton::clicked, this, [this] { showModel(theme::Who::student); });
  connect(m_teacher, &QToolButton::clicked, this, [this] { showModel(theme::Who::teacher); });
  connect(m_tokens, &TokenFlow::currentCellChanged, this, &SampleView::showToken);
  showNothing({});
}

QWidget* SampleView::makeModelCard() {
  auto* card = new Card;
  auto* head = new QHBoxLayout;
  head->setSpacing(0);
  head->addWidget(new TextLabel(tr("As the model sees it"), theme::Size::title));
  head->addStretch();
  head->addWidget(m_student);
  head->addWidget(m_teacher);
  card->body()->addLayout(head);
  card->body()->addWidget(m_modelText);
  card->body()->addWidget(m_segments);
  card->body()->addWidget(m_cut);
  card->body()->addWidget(m_tokens);
  card->body()->addWidget(m_tokenText);
  m_pictureColumn = new QVBoxLayout;
  m_pictureColumn->setSpacing(theme::gapSmall);
  card->body()->addLayout(m_pictureColumn);
  card->body()->addWidget(m_processor);
  return card;
}

QWidget* SampleView::makeConversationCard() {
  auto* card = new Card;
  card->body()->addWidget(new TextLabel(tr("Conversation in the file"), theme::Size::title));
  m_turnColumn = new QVBoxLayout;
  card->body()->addLayout(m_turnColumn);
  return card;
}

QString SampleView::title() const {
  return m_title->text();
}

QString SampleView::tokenText() const {
  return m_tokenText->text();
}

QString SampleView::modelText() const {
  return m_modelText->text();
}

void SampleView::showNothing(const QString& text) {
  m_title->setText({});
  m_where->setText({});
  m_hint->setText(text);
  m_message->dismiss();
  m_hint->show();
  m_modelCard->hide();
  m_conversationCard->hide();
}

void SampleView::showFault(const QString& title, const QString& where, const QString& fault) {
  showNothing({});
  m_title->setText(title);
  m_where->setText(where);
  m_message->showMessage(InlineMessage::Kind::warning, fault);
}

void SampleView::showSample(const SampleDetails& details, const QString& fault, const QStringList& sameNames) {
  m_details = details;
  m_hint->hide();
  m_title->setText(details.id);
  m_where->setText(tr("Line %1 · template %2").arg(theme::wholeNumber(details.line), details.templateName));
  QStringList remarks;
  if (!fault.isEmpty()) remarks << tr("A run leaves this sample out: %1.").arg(fault);
  if (!sameNames.isEmpty())
    remarks << tr("Its picture is in the data under several names: %1.").arg(sameNames.join(QStringLiteral(", ")));
  if (remarks.isEmpty())
    m_message->dismiss();
  else
    m_message->showMessage(fault.isEmpty() ? InlineMessage::Kind::information : InlineMessage::Kind::warning,
                           remarks.join(QLatin1Char(' ')));
  const bool differs = details.hasTeacher && !details.sameInput;
  m_student->setVisible(differs);
  m_teacher->setVisible(differs);
  m_modelCard->show();
  m_conversationCard->show();
  showTurns();
  showModel(differs && m_teacher->isChecked() ? theme::Who::teacher : theme::Who::student);
}

void SampleView::showModel(theme::Who who) {
  const bool ofTeacher = who == theme::Who::teacher;
  (ofTeacher ? m_teacher : m_student)->setChecked(true);
  const SampleOfModel& seen = ofTeacher ? m_details.teacher : m_details.student;
  QString text = seen.fault;
  if (text.isEmpty() && m_details.hasTeacher && !m_details.teacher.fault.isEmpty())
    text = tr("The teacher can't be shown: %1").arg(m_details.teacher.fault);
  else if (text.isEmpty() && m_details.hasTeacher)
    text = m_details.sameInput ? tr("Student and teacher get the same tokens and pictures.")
                               : tr("By its own files the teacher would get other tokens or pictures. A run gives it "
                                    "the student's, or refuses the pair: see the Project page.");
  m_modelText->setText(text);
  m_modelText->setVisible(!text.isEmpty());
  const bool known = seen.fault.isEmpty() && seen.tokens.length() > 0;
  for (QWidget* part :
       {static_cast<QWidget*>(m_segments), static_cast<QWidget*>(m_tokens), static_cast<QWidget*>(m_tokenText)})
    part->setVisible(known);
  m_segments->setSample(seen);
  m_tokens->setSample(seen);
  const int64_t cut = seen.tokens.count(TokenUse::ignored);
  m_cut->setText(tr("max_length cuts off the last %1 of %2 tokens: the model never gets them.")
                     .arg(theme::wholeNumber(cut), theme::wholeNumber(seen.tokens.length())));
  m_cut->setVisible(known && cut > 0);
  if (known) showToken(0);
  showPictures(seen, ofTeacher);
}

void SampleView::showToken(int cell) {
  m_tokenText->setText(m_tokens->describe(cell));
  if (m_tokens->hasFocus())
    ensureVisible(0, m_tokens->mapTo(widget(), m_tokens->cellRect(cell).center()).y(), 0, theme::gapPage);
}

void SampleView::showPictures(const SampleOfModel& seen, bool ofTeacher) {
  delete m_pictures;
  m_pictures = new QWidget;
  auto* rows = new QVBoxLayout(m_pictures);
  rows->setContentsMargins(0, theme::gapSmall, 0, 0);
  rows->setSpacing(theme::gap);
  for (const SamplePicture& picture : m_details.pictures) {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::gapLarge);
    auto* file = new PreparedPicture;
    const QString cutShort = picture.cutShort ? tr(", cut short") : QString();
    file->setPicture(QFileInfo(picture.name).fileName(), picture.original,
                     picture.fault.isEmpty() ? pixelSizeText(picture.size) + cutShort : picture.fault);
    row->addWidget(file);
    const QImage& prepared = ofTeacher && !picture.teacher.isNull() ? picture.teacher : picture.student;
    if (picture.fault.isEmpty() && !prepared.isNull()) {
      auto* model = new PreparedPicture(ofTeacher ? theme::Who::teacher : theme::Who::student);
      model->setPicture(ofTeacher ? tr("Teacher sees") : tr("Student sees"), prepared,
                        tr("%1, %2 tokens").arg(pixelSizeText(prepared.size()), theme::wholeNumber(seen.visualTokens)));
      row->addWidget(model);
    }
    row->addStretch();
    rows->addLayout(row);
  }
  if (m_details.picturesLeft > 0)
    rows->addWidget(new TextLabel(tr("and %1 more pictures").arg(theme::wholeNumber(m_details.picturesLeft)),
                                  theme::Size::body, TextLabel::Tone::muted));
  m_pictureColumn->addWidget(m_pictures);
  m_pictures->setVisible(!m_details.pictures.empty());
  m_processor->setText(tr("Pictures are prepared so: %1").arg(seen.processor));
  m_processor->setVisible(!m_details.pictures.empty() && !seen.processor.isEmpty());
}

void SampleView::showTurns() {
  constexpr size_t mostTurns = 200;
  delete m_turns;
  m_turns = new QWidget;
  auto* column = new QVBoxLayout(m_turns);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  for (size_t i = 0; i < std::min(mostTurns, m_details.turns.size()); ++i) {
    const Turn& turn = m_details.turns[i];
    column->addWidget(new TextLabel(turn.speaker == Speaker::human ? tr("Human") : tr("GPT"), theme::Size::caption,
                                    TextLabel::Tone::muted));
    column->addWidget(selectableText(toQString(turn.text)));
  }
  if (m_details.turns.size() > mostTurns)
    column->addWidget(
        new TextLabel(tr("and %1 more turns").arg(theme::wholeNumber(qint64(m_details.turns.size() - mostTurns))),
                      theme::Size::body, TextLabel::Tone::muted));
  m_turnColumn->addWidget(m_turns);
}

}  // namespace llavakd
