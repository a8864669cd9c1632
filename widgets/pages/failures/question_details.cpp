// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/question_details.h"

#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/document/conversions.h"
#include "widgets/pages/failures/outcome_mark.h"
#include "widgets/shared/picture_view.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Texts of models and files are shown as they are, whatever marks are in them, and can be copied.
TextLabel* makeWords(theme::Size size = theme::Size::body) {
  auto* label = new TextLabel({}, size);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  label->setFocusPolicy(Qt::NoFocus);
  return label;
}

QString answerText(const KeptAnswer& kept) {
  const QString answer = kept.answer.empty() ? QuestionDetails::tr("(no word)") : toQString(kept.answer);
  return kept.cut ? QuestionDetails::tr("%1 … (cut)").arg(answer) : answer;
}

}  // namespace

QuestionDetails::QuestionDetails(QWidget* parent)
    : QWidget(parent),
      m_picture(new PictureView),
      m_place(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_question(makeWords(theme::Size::title)),
      m_reference(makeWords()),
      m_teacher(makeWords()),
      m_student(makeWords()),
      m_note(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_probe(new QPushButton(tr("Make a &probe of it"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  m_picture->setEmptyText(tr("This question has no picture"));
  column->addWidget(m_picture, 1);
  m_place->setTextFormat(Qt::PlainText);
  m_place->setWordWrap(true);
  column->addWidget(m_place);
  column->addWidget(m_question);
  const auto add = [&](theme::Who who, const QString& title, QLabel* words) {
    auto* card = new Card(who);
    card->body()->setSpacing(theme::gapTiny);
    card->body()->setContentsMargins(theme::gap, theme::gapSmall, theme::gap, theme::gapSmall);
    card->body()->addWidget(new TextLabel(title, theme::Size::caption, TextLabel::Tone::muted));
    card->body()->addWidget(words);
    words->setAccessibleName(title);
    column->addWidget(card);
  };
  add(theme::Who::none, tr("Expected"), m_reference);
  add(theme::Who::teacher, tr("Teacher"), m_teacher);
  add(theme::Who::student, tr("Student"), m_student);
  m_note->setWordWrap(true);
  column->addWidget(m_note);
  column->addWidget(m_probe, 0, Qt::AlignLeft);
  connect(m_probe, &QPushButton::clicked, this, &QuestionDetails::probeAsked);
  setQuestion(nullptr, nullptr, {});
}

void QuestionDetails::setQuestion(const PairedAnswers* answers, const AnsweredTwice* pair, const QString& picture) {
  setEnabled(pair);
  if (!pair) {
    m_picture->setFile({});
    for (TextLabel* label : {m_place, m_question, m_reference, m_teacher, m_student, m_note}) label->clear();
    return;
  }
  const KeptAnswer &teacher = answers->of_teacher(*pair), &student = answers->of_student(*pair);
  if (m_picture->file() != picture) m_picture->setFile(picture);
  m_place->setText(tr("%1 · %2 · %3").arg(outcomeText(pair->outcome), toQString(student.type), toQString(student.id)));
  m_question->setText(toQString(student.question));
  m_reference->setText(toQString(student.reference));
  m_teacher->setText(answerText(teacher));
  m_student->setText(answerText(student));
  m_note->setText(student.turns > 1 ? tr("The first of %1 questions in a row, which count as right together.")
                                          .arg(theme::wholeNumber(student.turns))
                                    : QString());
  m_note->setVisible(student.turns > 1);
}

void QuestionDetails::setProbe(bool possible, const QString& why) {
  m_probe->setEnabled(possible);
  m_probe->setToolTip(why);
}

QString QuestionDetails::questionText() const {
  return m_question->text();
}

QString QuestionDetails::referenceText() const {
  return m_reference->text();
}

QString QuestionDetails::teacherText() const {
  return m_teacher->text();
}

QString QuestionDetails::studentText() const {
  return m_student->text();
}

}  // namespace llavakd
