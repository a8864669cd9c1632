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
#include "widgets/pages/project/estimate_table.h"
#include "widgets/pages/project/fix_bar.h"
#include "widgets/pages/project/level_mark.h"
#include "widgets/theme/page_layout.h"

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
  const bool stale = m_check->isRunning() && !result.items.empty();
  m_hint->setText(stale ? tr("Checking again; the rows below are from before the last change.") : result.error);
  m_hint->setVisible(!m_hint->text().isEmpty());
  const ProjectCheck::Verdict verdict = m_check->verdict();
  m_verdict->setState(verdict.state, verdict.text);
  if (m_table && stale) return m_table->setEnabled(false);
  // Perhaps a click on one of its buttons led here.
  if (m_table) {
    m_table->setParent(nullptr);
    m_table->deleteLater();
  }
  m_table = nullptr;
  if (result.items.empty()) return;
  m_table = new QWidget(this);
  auto* grid = new QGridLayout(m_table);
  grid->setContentsMargins(0, theme::gapTiny, 0, 0);
  grid->setHorizontalSpacing(theme::gapSmall);
  grid->setVerticalSpacing(theme::gapTiny);
  grid->setColumnMinimumWidth(1, theme::fieldWidth);
  grid->setColumnStretch(2, 1);
  for (const auto& item : shownItems(result, ProjectFacts::of(m_document)->result().rows)) addItem(grid, item);
  for (const auto& cache : result.caches) addCache(grid, cache);
  if (!result.estimates.empty()) grid->addWidget(makeEstimates(), grid->rowCount(), 1, 1, 3);
  body()->addWidget(m_table);
  m_table->show();
  settleLayout(this);
}

QWidget* CheckCard::makeEstimates() {
  auto* estimates = new EstimateTable(m_check->result().estimates, m_partsShown);
  connect(estimates, &EstimateTable::measureRequested, m_check, &ProjectCheck::measure);
  connect(estimates, &EstimateTable::openChanged, this, [this](bool open) { m_partsShown = open; });
  return estimates;
}

void CheckCard::addItem(QGridLayout* grid, const ProjectCheck::Item& item) {
  const int row = grid->rowCount();
  grid->addWidget(new LevelMark(item.level), row, 0, Qt::AlignTop);
  grid->addWidget(new TextLabel(item.name, theme::Size::body, TextLabel::Tone::muted), row, 1, Qt::AlignTop);
  grid->addWidget(wrapped(item.finding, theme::Size::body, TextLabel::Tone::normal), row, 2);
  if (!item.remedy.isEmpty())
    grid->addWidget(wrapped(item.remedy, theme::Size::caption, TextLabel::Tone::muted), row + 1, 2);
  if (item.fixes.empty()) return;
  auto* bar = new FixBar(item.fixes, m_document);
  connect(bar, &FixBar::fieldRequested, this, &CheckCard::fieldRequested);
  connect(bar, &FixBar::samplesRequested, this, &CheckCard::samplesRequested);
  connect(bar, &FixBar::failed, this, [this](const QString& message) {
    m_hint->setText(message);
    m_hint->show();
  });
  grid->addWidget(bar, row, 3, item.remedy.isEmpty() ? 1 : 2, 1, Qt::AlignTop | Qt::AlignRight);
}

void CheckCard::addCache(QGridLayout* grid, const ProjectCheck::Cache& cache) {
  const int row = grid->rowCount();
  const QString label = OptionForm::fieldLabel(cache.option.section(u'.', -1).toStdString());
  grid->addWidget(new TextLabel(label, theme::Size::body, TextLabel::Tone::muted), row, 1, Qt::AlignTop);
  const QString finding = (cache.on ? tr("on: %1") : tr("off: %1")).arg(cache.sentence);
  grid->addWidget(wrapped(finding, theme::Size::body, TextLabel::Tone::normal), row, 2);
  const std::string option = cache.option.toStdString();
  auto* bar = new FixBar({cache.on ? set_fix(tr("Switch off").toStdString(), {option + "=off"})
                                   : set_fix(tr("Switch on").toStdString(), {option + "=on"})},
                         m_document);
  grid->addWidget(bar, row, 3, Qt::AlignTop | Qt::AlignRight);
}

}  // namespace llavakd
