// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/number_box.h"

#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {

NumberBox::NumberBox(QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(12);
  setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  setFocusPolicy(Qt::StrongFocus);
  setKeyboardTracking(false);
  setAlignment(Qt::AlignRight);
  setMinimumHeight(theme::compactRowHeight);
}

QString NumberBox::textFromValue(double value) const {
  return theme::fieldNumber(value);
}

QString NumberBox::bare(const QString& text) const {
  QString number = text;
  if (!suffix().isEmpty() && number.endsWith(suffix())) number.chop(suffix().size());
  return number.trimmed();
}

double NumberBox::valueFromText(const QString& text) const {
  return theme::readNumber(bare(text)).value_or(value());
}

QValidator::State NumberBox::validate(QString& text, int&) const {
  const QString number = bare(text);
  if (const auto value = theme::readNumber(number)) {
    if (m_whole && *value != std::floor(*value)) return QValidator::Intermediate;
    return *value >= minimum() && *value <= maximum() ? QValidator::Acceptable : QValidator::Intermediate;
  }
  // Any sign of any locale may be typed: what it makes is judged as a whole, and refused aloud.
  for (const QChar c : number)
    if (!c.isDigit() && !c.isSpace() && !QStringLiteral("+-.,'’eE\u2212").contains(c)) return QValidator::Invalid;
  return QValidator::Intermediate;
}

QString NumberBox::refusalOf(const QString& number) const {
  const auto value = theme::readNumber(number);
  if (!value) return tr("“%1” is no number here; one and a half is written %2.").arg(number, theme::shortNumber(1.5));
  if (m_whole && *value != std::floor(*value)) return tr("Only whole numbers go here.");
  return tr("It must lie between %1 and %2.").arg(theme::fieldNumber(minimum()), theme::fieldNumber(maximum()));
}

// Qt's own would take out the group separators, which makes 15 of a wrong 1,5.
void NumberBox::fixup(QString& text) const {
  const QString number = bare(text);
  if (!number.isEmpty())
    QToolTip::showText(mapToGlobal(QPoint(0, height())), refusalOf(number), const_cast<NumberBox*>(this));
}

void NumberBox::wheelEvent(QWheelEvent* event) {
  if (hasFocus())
    QDoubleSpinBox::wheelEvent(event);
  else
    event->ignore();
}

}  // namespace llavakd
