// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/disagreement_list.h"

#include <QEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/pages/inspect/pair_numbers.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int leastRows = 3, usualRows = 10;

/// Attention has a direction; relations have none but for the last digits of a float.
bool isDirected(const RelationMatrix& matrix) {
  constexpr float rounding = 1e-3F;  // of a root mean square of 1
  for (int i = 0; i < matrix.n; ++i)
    for (int j = 0; j < i; ++j)
      if (std::abs(matrix.at(i, j) - matrix.at(j, i)) > rounding) return true;
  return false;
}

int64_t patchesApart(const ProbeFile& probe, int64_t token, int64_t other) {
  const QPoint a = placeOf(probe, int(token)), b = placeOf(probe, int(other));
  if (a.x() < 0 || b.x() < 0) return std::numeric_limits<int64_t>::max();
  return std::max(std::abs(a.x() - b.x()), std::abs(a.y() - b.y()));
}

/// "4, 5": row and column.
QString shortPlace(const ProbeFile& probe, int64_t token) {
  const QPoint at = placeOf(probe, int(token));
  return at.x() < 0 ? DisagreementList::tr("token %1").arg(token + 1)
                    : DisagreementList::tr("%1, %2", "row and column").arg(at.y() + 1).arg(at.x() + 1);
}

}  // namespace

std::vector<DisagreeingPair> disagreeing_pairs(const ProbeFile& probe, const PairOptions& options) {
  if (probe.difference.isEmpty()) return {};
  const auto values = [](const RelationMatrix& matrix) {
    return [&matrix](int64_t row, int64_t column) {
      return double(matrix.at(int(row), int(column)));
    };
  };
  return worst_pairs({.tokens = probe.tokens(),
                      .teacher = values(probe.teacher),
                      .student = values(probe.student),
                      .apart = [&](int64_t token, int64_t other) { return patchesApart(probe, token, other); },
                      .directed = isDirected(probe.student)},
                     options);
}

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
