// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/pair_numbers.h"

#include <QGridLayout>
#include <QVBoxLayout>

#include "widgets/pages/inspect/map_export.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {

QPoint placeOf(const ProbeFile& probe, int token) {
  const int patch = probe.patchOfToken(token);
  return patch < 0 ? QPoint(-1, -1) : QPoint(patch % probe.columns, patch / probe.columns);
}

PairNumbers::PairNumbers(QWidget* parent)
    : QWidget(parent), m_pair(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  m_pair->setWordWrap(true);
  column->addWidget(m_pair);
  auto* numbers = new QGridLayout;
  numbers->setVerticalSpacing(2);
  for (int i = 0; i < 3; ++i) {
    numbers->addWidget(new TextLabel(relationTitle(Relation(i)), theme::Size::caption), i, 0);
    m_numbers[i] = new TextLabel({}, theme::Size::caption);
    m_numbers[i]->setAlignment(Qt::AlignRight);
    numbers->addWidget(m_numbers[i], i, 1);
  }
  column->addLayout(numbers);
  clear();
}

void PairNumbers::clear() {
  m_pair->setText(tr("Point at a cell or a patch for its numbers."));
  for (auto* number : m_numbers) number->setText(QStringLiteral("–"));
}

void PairNumbers::setPair(const ProbeFile& probe, int row, int column) {
  const auto place = [&](int token) {
    const QPoint at = placeOf(probe, token);
    if (at.x() >= 0) return tr("row %1, column %2").arg(at.y() + 1).arg(at.x() + 1);
    return probe.rows > 0 ? tr("the class token") : tr("query %1").arg(token + 1);
  };
  const QString begin = placeOf(probe, row).x() >= 0 ? tr("Patch in %1 with %2") : tr("From %1 to %2");
  m_pair->setText(begin.arg(place(row), row == column ? tr("itself") : place(column)));
  const auto written = [&](const RelationMatrix& matrix) {
    return matrix.isEmpty() ? QStringLiteral("–") : theme::fixedNumber(double(matrix.at(row, column)), 3);
  };
  m_numbers[0]->setText(written(probe.teacher));
  m_numbers[1]->setText(written(probe.student));
  m_numbers[2]->setText(probe.difference.isEmpty() ? QStringLiteral("–")
                                                   : theme::signedNumber(double(probe.difference.at(row, column)), 3));
}

QString PairNumbers::text() const {
  return m_pair->text() + u'|' + m_numbers[0]->text() + u'|' + m_numbers[1]->text() + u'|' + m_numbers[2]->text();
}

}  // namespace llavakd
