// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/token_choices.h"

#include <QPainter>
#include <QStringList>

#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr int choiceRows = 5, choiceBar = 4;

QString percentOf(double probability) {
  return QStringLiteral("%1 %").arg(theme::fixedNumber(100 * probability, 1));
}

}  // namespace

TokenChoices::TokenChoices(theme::Who who, QWidget* parent) : QWidget(parent), m_who(who) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(who == theme::Who::teacher ? tr("The teacher's likeliest next tokens")
                                               : tr("The student's likeliest next tokens"));
}

void TokenChoices::setChoices(std::vector<std::pair<QString, double>> choices) {
  m_choices = std::move(choices);
  setAccessibleDescription(text());
  update();
}

QString TokenChoices::text() const {
  QStringList rows;
  for (const auto& [text, probability] : m_choices) rows << text + u' ' + percentOf(probability);
  return rows.join(QStringLiteral(", "));
}

QSize TokenChoices::sizeHint() const {
  return {240, choiceRows * theme::compactRowHeight};
}

QSize TokenChoices::minimumSizeHint() const {
  return {120, sizeHint().height()};
}

void TokenChoices::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  for (std::size_t i = 0; i < m_choices.size() && i < choiceRows; ++i) {
    const auto& [text, probability] = m_choices[i];
    const QRectF row(0, double(i) * theme::compactRowHeight, width(), theme::compactRowHeight);
    const QString percent = percentOf(probability);
    const int percentWidth = fontMetrics().horizontalAdvance(percent);
    painter.setPen(theme::text());
    painter.setFont(theme::numberFont(theme::Size::body));
    painter.drawText(row.adjusted(0, 0, 0, -choiceBar), Qt::AlignRight | Qt::AlignVCenter, percent);
    painter.setFont(font());
    const int room = std::max(0, width() - percentWidth - theme::gapLarge);
    painter.drawText(row.adjusted(0, 0, 0, -choiceBar), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text, Qt::ElideRight, room));
    const QRectF bar(0, row.bottom() - choiceBar, row.width() * probability, choiceBar - 1);
    painter.fillRect(bar, theme::whoColor(m_who));
  }
}

}  // namespace llavakd
