// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/disagreement_list.h"

#include <QEvent>
#include <algorithm>

#include "widgets/pages/inspect/pair_numbers.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int leastRows = 3, usualRows = 10;

/// "4, 5": row and column.
QString shortPlace(const ProbeFile& probe, int64_t token) {
  const QPoint at = placeOf(probe, int(token));
  return at.x() < 0 ? DisagreementList::tr("token %1").arg(token + 1)
                    : DisagreementList::tr("%1, %2", "row and column").arg(at.y() + 1).arg(at.x() + 1);
}

}  // namespace

QString DisagreementList::title() {
  return tr("Pairs that disagree most");
}

DisagreementList::DisagreementList(QWidget* parent) : QListWidget(parent) {
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(title());
  setToolTip(
      tr("Pairs of patches (row, column) by how far the student's relation is from the teacher's; neighbours are "
         "left out. A click shows both patches."));
  setFont(theme::numberFont(theme::Size::caption));
  setTextElideMode(Qt::ElideRight);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  const auto choose = [this](QListWidgetItem* item) {
    const DisagreeingPair& pair = m_pairs[std::size_t(row(item))];
    Q_EMIT pairChosen(int(pair.first), int(pair.second));
  };
  connect(this, &QListWidget::itemActivated, this, choose);
  connect(this, &QListWidget::itemClicked, this, choose);
}

void DisagreementList::setPairs(const ProbeFile& probe, const std::vector<DisagreeingPair>& pairs) {
  m_pairs = pairs;
  clear();
  for (const DisagreeingPair& pair : pairs) {
    const QString first = shortPlace(probe, pair.first), second = shortPlace(probe, pair.second);
    auto* item = new QListWidgetItem(tr("%1   (%2) with (%3)", "difference, place, place")
                                         .arg(theme::signedNumber(pair.difference(), 3), first, second),
                                     this);
    item->setToolTip(tr("(%1) with (%2): teacher %3, student %4, difference %5")
                         .arg(first, second, theme::fixedNumber(pair.teacher, 3), theme::fixedNumber(pair.student, 3),
                              theme::signedNumber(pair.difference(), 3)));
  }
  setEnabled(!pairs.empty());
}

void DisagreementList::setNothing() {
  m_pairs.clear();
  clear();
  setEnabled(false);
}

QSize DisagreementList::sizeHint() const {
  return {160, usualRows * (fontMetrics().height() + theme::gapTiny)};
}

QSize DisagreementList::minimumSizeHint() const {
  return {80, leastRows * (fontMetrics().height() + theme::gapTiny)};
}

void DisagreementList::changeEvent(QEvent* event) {
  QListWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) setFont(theme::numberFont(theme::Size::caption));
}

}  // namespace llavakd
