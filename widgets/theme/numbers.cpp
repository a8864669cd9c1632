// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/numbers.h"

#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/theme/theme.h"

namespace llavakd::theme {
namespace {

constexpr QChar minusSign(0x2212);

QString localized(double value, char format, int precision) {
  QString written = QLocale().toString(value, format, precision);
  if (written.startsWith(QLatin1Char('-'))) written[0] = minusSign;
  return written;
}

QString notFinite(double value) {
  return std::isnan(value) ? QStringLiteral("NaN") : value < 0 ? minusSign + QStringLiteral("∞") : QStringLiteral("∞");
}

}  // namespace

QString roundedNumber(double value, int digits) {
  if (!std::isfinite(value)) return notFinite(value);
  if (value == 0) return localized(0, 'f', 0);
  const double size = std::abs(value);
  if (size < 1e-4 || size >= 1e6) return localized(value, 'e', digits - 1);
  return localized(value, 'f', std::clamp(digits - 1 - int(std::floor(std::log10(size))), 0, 7));
}

QString number(double value) {
  return roundedNumber(value, 4);
}

QString shortNumber(double value) {
  if (!std::isfinite(value)) return notFinite(value);
  // What rounding leaves of zero on an axis is zero.
  return std::abs(value) < 1e-12 ? localized(0, 'f', 0) : localized(value, 'g', 4);
}

QString wholeNumber(qint64 value) {
  return QLocale().toString(value);
}

QString fixedNumber(double value, int decimals) {
  return std::isfinite(value) ? localized(value, 'f', decimals) : notFinite(value);
}

QString signedNumber(double value, int decimals) {
  return value < 0 ? fixedNumber(value, decimals) : QLatin1Char('+') + fixedNumber(value, decimals);
}

QString shortCount(double value, const QString& unit) {
  constexpr std::array prefixes{"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  while (std::abs(value) >= 999.5 && prefix + 1 < prefixes.size()) value /= 1000, ++prefix;
  const bool whole = prefix == 0 && value == std::floor(value);
  const int decimals = whole ? 0 : std::abs(value) < 9.995 ? 2 : std::abs(value) < 99.95 ? 1 : 0;
  // A bare "G" reads as giga-nothing: counts of things are billions.
  const QString sign = unit.isEmpty() && prefix == 3 ? QStringLiteral("B") : QString::fromLatin1(prefixes[prefix]);
  const QString tail = sign + unit;
  return fixedNumber(value, decimals) + (tail.isEmpty() ? QString() : QChar(0x202f) + tail);
}

QString clockTime(const QTime& time) {
  const QLocale locale;
  return locale.toString(time, locale.timeFormat(QLocale::ShortFormat).remove(QStringLiteral(":ss")));
}

QString fieldNumber(double value) {
  QLocale locale;
  locale.setNumberOptions(QLocale::OmitGroupSeparator);
  // A whole number is shown whole: no digit of a count may be rounded away.
  const bool whole = value == std::floor(value) && std::abs(value) < 1e16;
  return whole ? locale.toString(value, 'f', 0) : locale.toString(value, 'g', 8);
}

std::optional<double> readNumber(const QString& text) {
  bool ok = false;
  const double value = QLocale().toDouble(text.trimmed(), &ok);
  return ok && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace llavakd::theme
