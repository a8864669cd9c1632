// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/number_box.h"

#include <QWheelEvent>
#include <cmath>

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
  return m_whole ? QString::number(value, 'f', 0) : QString::number(value, 'g', 8);
}

QString NumberBox::bare(const QString& text) const {
  QString number = text;
  if (!suffix().isEmpty() && number.endsWith(suffix())) number.chop(suffix().size());
  return number.trimmed().replace(QLatin1Char(','), QLatin1Char('.'));
}

double NumberBox::valueFromText(const QString& text) const {
  return bare(text).toDouble();
}

QValidator::State NumberBox::validate(QString& text, int&) const {
  const QString number = bare(text);
  bool ok = false;
  const double value = number.toDouble(&ok);
  if (ok) {
    if (m_whole && value != std::floor(value)) return QValidator::Intermediate;
    return value >= minimum() && value <= maximum() ? QValidator::Acceptable : QValidator::Intermediate;
  }
  for (const QChar c : number)
    if (!c.isDigit() && !QStringLiteral("+-.eE").contains(c)) return QValidator::Invalid;
  return QValidator::Intermediate;
}

void NumberBox::wheelEvent(QWheelEvent* event) {
  if (hasFocus())
    QDoubleSpinBox::wheelEvent(event);
  else
    event->ignore();
}

}  // namespace llavakd
