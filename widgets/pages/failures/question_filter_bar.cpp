// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/question_filter_bar.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QShortcut>
#include <QVBoxLayout>

#include "widgets/pages/failures/outcome_mark.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

QString rightShareText(qint64 count, qint64 of) {
  if (of == 0) return QStringLiteral("–");
  return QuestionFilterBar::tr("%1 %").arg(theme::fixedNumber(100.0 * double(count) / double(of), 1));
}

// Both models and whether they differ by more than chance, of the questions that the other filters leave.
QString comparisonText(const OutcomeCounts& counts) {
  const double p = exact_sign_test(counts.of(Outcome::teacher_alone), counts.of(Outcome::student_alone));
  return QuestionFilterBar::tr("Teacher %1 right, student %2; McNemar's exact test: p = %3")
      .arg(rightShareText(counts.teacher_right(), counts.total()),
           rightShareText(counts.student_right(), counts.total()), theme::roundedNumber(p, 2));
}

}  // namespace

QuestionFilterBar::QuestionFilterBar(QuestionModel* model, QWidget* parent)
    : QWidget(parent),
      m_model(model),
      m_types(new QComboBox),
      m_words(new QLineEdit),
      m_summary(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* chips = new QWidget;
  auto* flow = new FlowLayout(chips);
  flow->setContentsMargins(0, 0, 0, 0);
  flow->setSpacing(theme::gapSmall);
  auto* group = new QButtonGroup(this);
  const auto add = [&](std::optional<Outcome> outcome) {
    m_chips << new OutcomeChip(outcome);
    group->addButton(m_chips.back());
    flow->addWidget(m_chips.back());
  };
  for (const Outcome outcome :
       {Outcome::teacher_alone, Outcome::student_alone, Outcome::both_wrong, Outcome::both_right})
    add(outcome);
  add(std::nullopt);
  m_chips.front()->setChecked(true);
  column->addWidget(chips);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_words->setPlaceholderText(tr("Search in questions and answers (Ctrl+F)"));
  m_words->setAccessibleName(tr("Search in questions and answers"));
  m_words->setClearButtonEnabled(true);
  row->addWidget(m_words, 1);
  m_types->setAccessibleName(tr("Type of question"));
  m_types->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  row->addWidget(m_types);
  column->addLayout(row);
  m_summary->setWordWrap(true);
  column->addWidget(m_summary);
  connect(group, &QButtonGroup::buttonClicked, this, &QuestionFilterBar::apply);
  connect(m_words, &QLineEdit::textChanged, this, &QuestionFilterBar::apply);
  connect(m_types, &QComboBox::activated, this, &QuestionFilterBar::apply);
  auto* search = new QShortcut(QKeySequence::Find, this);
  search->setContext(Qt::WindowShortcut);
  connect(search, &QShortcut::activated, m_words, qOverload<>(&QWidget::setFocus));
}

void QuestionFilterBar::showAnswers() {
  const QString chosen = m_types->currentData().toString();
  m_types->clear();
  m_types->addItem(tr("All types"), QString());
  for (const QString& type : m_model->types()) m_types->addItem(type, type);
  m_types->setCurrentIndex(std::max(0, m_types->findData(chosen)));
  m_types->setVisible(m_types->count() > 2);
  m_image.clear();
  apply();
}

void QuestionFilterBar::setPicture(const QString& image) {
  m_image = image;
  apply();
}

void QuestionFilterBar::apply() {
  QuestionFilter filter{.outcome = {}, .type = m_types->currentData().toString(), .words = m_words->text()};
  filter.image = m_image;
  for (const OutcomeChip* chip : m_chips)
    if (chip->isChecked()) filter.outcome = chip->outcome();
  m_model->setFilter(filter);
  showCounts();
  Q_EMIT filterChanged();
}

void QuestionFilterBar::showCounts() {
  const OutcomeCounts counts = m_model->counts();
  for (OutcomeChip* chip : m_chips)
    chip->setCount(chip->outcome() ? counts.of(*chip->outcome()) : counts.total(), counts.total());
  m_summary->setText(comparisonText(counts));
}

QString QuestionFilterBar::summary() const {
  return m_summary->text();
}

}  // namespace llavakd
