// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/fit_card.h"

#include <QGridLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <functional>

#include "widgets/document/conversions.h"
#include "widgets/pages/project/level_mark.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/page_layout.h"

namespace llavakd {
namespace {

std::string parametersText(const ModelFacts& facts) {
  return facts.total_parameters > 0 ? theme::shortCount(double(facts.total_parameters)).toStdString() : "–";
}

}  // namespace

FitCard::FitCard(QWidget* parent) : Card(theme::Who::none, parent) {
  setMinimumWidth(280);
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(tr("What fits"), theme::Size::title));
  head->addStretch();
  m_verdict = new StateBadge(this);
  head->addWidget(m_verdict);
  head->addStrut(theme::compactRowHeight);
  body()->addLayout(head);
  m_hint = new TextLabel({}, theme::Size::body, TextLabel::Tone::muted);
  m_hint->setWordWrap(true);
  body()->addWidget(m_hint);
  body()->addStretch();
}

void FitCard::setResult(const ProjectFacts::Result& result) {
  delete m_table;
  m_table = nullptr;
  const bool both = result.hasTeacher && result.hasStudent;
  m_verdict->setVisible(both);
  m_hint->setVisible(!both);
  m_hint->setText(result.hasStudent
                      ? tr("Without a teacher only the labels (ce) can be learnt from. Choose one to distil.")
                      : tr("Choose a teacher and a student; here you will see whether they fit."));
  if (!both) return;
  const MatchLevel worst = worst_level(result.rows);
  const bool missing = !result.teacher.missing.empty() || !result.student.missing.empty();
  m_verdict->setState(stateOf(worst), missing                      ? tr("Not found")
                                      : worst == MatchLevel::green ? tr("Everything fits")
                                      : worst == MatchLevel::amber ? tr("Works, with limits")
                                                                   : tr("Does not fit"));
  m_table = new QWidget(this);
  auto* grid = new QGridLayout(m_table);
  grid->setContentsMargins(0, theme::gapTiny, 0, 0);
  grid->setHorizontalSpacing(theme::gapSmall);
  grid->setVerticalSpacing(theme::gapTiny);
  grid->setColumnStretch(2, 1);
  grid->setColumnStretch(3, 1);
  const QWidgetList heads = {new TextLabel(tr("Teacher"), theme::Size::caption, TextLabel::Tone::muted),
                             new TextLabel(tr("Student"), theme::Size::caption, TextLabel::Tone::muted)};
  grid->addWidget(heads[0], 0, 2);
  grid->addWidget(heads[1], 0, 3);
  std::vector<MatchFact> rows = result.rows;
  std::ranges::stable_sort(rows, std::ranges::greater(), &MatchFact::level);
  for (MatchFact& fact : rows) {
    if (fact.name != "Parameters") continue;  // written as in the models' cards
    fact.teacher = parametersText(result.teacher);
    fact.student = parametersText(result.student);
  }
  const auto fitting = std::ranges::find(rows, MatchLevel::green, &MatchFact::level);
  for (auto row = rows.begin(); row != fitting; ++row) addRow(grid, *row);
  if (fitting != rows.end()) addFitting(grid, {fitting, rows.end()}, fitting == rows.begin() ? heads : QWidgetList());
  body()->insertWidget(2, m_table);
  m_table->show();
  settleLayout(this);
}

void FitCard::setReading() {
  setResult({});
  m_hint->setText(tr("Reading…"));
}

// What fits needs no reading: one line, which opens. `heads` are folded with it where nothing else stands below them.
void FitCard::addFitting(QGridLayout* grid, const std::vector<MatchFact>& rows, const QWidgetList& heads) {
  const QString count = theme::wholeNumber(qint64(rows.size()));
  auto* fold = makeToolButton({}, heads.isEmpty() ? tr("%1 more fit").arg(count) : tr("All %1 facts").arg(count),
                              tr("What teacher and student have in common"), m_table);
  fold->setObjectName(QStringLiteral("fitting"));
  fold->setCheckable(true);
  grid->addWidget(fold, grid->rowCount(), 0, 1, 4, Qt::AlignLeft);
  const int first = grid->rowCount();
  for (const MatchFact& fact : rows) addRow(grid, fact);
  QWidgetList folded = heads;
  for (int row = first; row < grid->rowCount(); ++row)
    for (int column = 0; column < grid->columnCount(); ++column)
      if (QLayoutItem* item = grid->itemAtPosition(row, column); item && item->widget()) folded << item->widget();
  const auto apply = [this, fold, folded] {
    m_fitShown = fold->isChecked();
    for (QWidget* widget : folded) widget->setVisible(m_fitShown);
    fold->setIcon(theme::icon(m_fitShown ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  };
  fold->setChecked(m_fitShown);
  apply();
  connect(fold, &QToolButton::toggled, this, apply);
}

void FitCard::addRow(QGridLayout* grid, const MatchFact& fact) {
  const int row = grid->rowCount();
  grid->addWidget(new LevelMark(fact.level), row, 0, Qt::AlignTop);
  grid->addWidget(new TextLabel(toQString(fact.name), theme::Size::body, TextLabel::Tone::muted), row, 1);
  grid->addWidget(new ElidedLabel(toQString(fact.teacher), theme::Size::body, Qt::ElideRight), row, 2);
  grid->addWidget(new ElidedLabel(toQString(fact.student), theme::Size::body, Qt::ElideRight), row, 3);
  if (fact.remedy.empty()) return;
  auto* remedy = new TextLabel(toQString(fact.remedy), theme::Size::caption, TextLabel::Tone::muted);
  remedy->setWordWrap(true);
  remedy->setContentsMargins(0, 0, 0, theme::gapTiny);
  grid->addWidget(remedy, row + 1, 1, 1, 3);
}

}  // namespace llavakd
