// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/check_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <algorithm>
#include <functional>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/project/level_mark.h"
#include "widgets/run/project_check.h"

namespace llavakd {
namespace {

// The worst first; of what is well only that which the card of both models doesn't list.
std::vector<ProjectCheck::Item> shownItems(const ProjectCheck::Result& result, const std::vector<MatchFact>& listed) {
  std::vector<ProjectCheck::Item> items = result.items;
  std::erase_if(items, [&](const ProjectCheck::Item& item) {
    return item.level == MatchLevel::green && std::ranges::any_of(listed, [&](const MatchFact& fact) {
             return toQString(fact.name) == item.name && fact.level == MatchLevel::green;
           });
  });
  std::ranges::stable_sort(items, std::ranges::greater(), &ProjectCheck::Item::level);
  return items;
}

TextLabel* wrapped(const QString& text, theme::Size size, TextLabel::Tone tone) {
  auto* label = new TextLabel(text, size, tone);
  label->setWordWrap(true);
  label->setAlignment(Qt::AlignTop | Qt::AlignLeft);  // on the line of the name next to it
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

}  // namespace

CheckCard::CheckCard(ProjectDocument* document, QWidget* parent)
    : Card(theme::Who::none, parent), m_document(document), m_check(ProjectCheck::of(document)) {
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(tr("Ready to start?"), theme::Size::title));
  head->addStretch();
  m_verdict = new StateBadge(this);
  head->addWidget(m_verdict);
  head->addStrut(theme::compactRowHeight);
  body()->addLayout(head);
  m_hint = wrapped({}, theme::Size::body, TextLabel::Tone::muted);
  body()->addWidget(m_hint);
  connect(m_check, &ProjectCheck::changed, this, &CheckCard::refresh);
  connect(ProjectFacts::of(document), &ProjectFacts::changed, this, &CheckCard::refresh);
  refresh();
}

QString CheckCard::verdict() const {
  return m_verdict->text();
}

void CheckCard::refresh() {
  const ProjectCheck::Result& result = m_check->result();
  m_hint->setText(result.error);
  m_hint->setVisible(!result.error.isEmpty());
  const MatchLevel worst = result.worst();
  // An older result stays in sight while the newer one is made, but its verdict doesn't.
  if (m_check->isRunning())
    m_verdict->setState(theme::State::running, tr("Checking…"));
  else if (result.items.empty())
    m_verdict->setState(theme::State::none, tr("Not checked"));
  else
    m_verdict->setState(stateOf(worst), worst == MatchLevel::green   ? tr("Ready")
                                        : worst == MatchLevel::amber ? tr("Ready, with limits")
                                                                     : tr("Not ready"));
  delete m_table;
  m_table = nullptr;
  if (result.items.empty()) return;
  m_table = new QWidget(this);
  auto* grid = new QGridLayout(m_table);
  grid->setContentsMargins(0, theme::gapTiny, 0, 0);
  grid->setHorizontalSpacing(theme::gapSmall);
  grid->setVerticalSpacing(theme::gapTiny);
  grid->setColumnMinimumWidth(1, theme::fieldWidth);
  grid->setColumnStretch(2, 1);
  int row = 0;
  for (const auto& item : shownItems(result, ProjectFacts::of(m_document)->result().rows)) {
    grid->addWidget(new LevelMark(item.level), row, 0, Qt::AlignTop);
    grid->addWidget(new TextLabel(item.name, theme::Size::body, TextLabel::Tone::muted), row, 1, Qt::AlignTop);
    grid->addWidget(wrapped(item.finding, theme::Size::body, TextLabel::Tone::normal), row++, 2);
    if (!item.remedy.isEmpty())
      grid->addWidget(wrapped(item.remedy, theme::Size::caption, TextLabel::Tone::muted), row++, 2);
  }
  for (const auto& cache : result.caches) {
    const QString label = OptionForm::fieldLabel(cache.option.section(u'.', -1).toStdString());
    grid->addWidget(new TextLabel(label, theme::Size::body, TextLabel::Tone::muted), row, 1, Qt::AlignTop);
    const QString finding = (cache.on ? tr("on: %1") : tr("off: %1")).arg(cache.sentence);
    grid->addWidget(wrapped(finding, theme::Size::body, TextLabel::Tone::normal), row++, 2);
  }
  body()->addWidget(m_table);
}

}  // namespace llavakd
