// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/numbers.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "widgets/theme/theme.h"

namespace llavakd::theme {
namespace {

constexpr QChar minusSign(0x2212);

QString localized(double value, char format, int precision) {
  QString written = QLocale().toString(value, format, precision);
  if (written.startsWith(QLatin1Char('-'))) written[0] = minusSign;
  return written;
}

QString unitText(int64_t count, DurationParts::Unit unit) {
  constexpr std::array texts{
      QT_TRANSLATE_NOOP("llavakd::Duration", "%1 s"), QT_TRANSLATE_NOOP("llavakd::Duration", "%1 min"),
      QT_TRANSLATE_NOOP("llavakd::Duration", "%1 h"), QT_TRANSLATE_NOOP("llavakd::Duration", "%1 days")};
  return QCoreApplication::translate("llavakd::Duration", texts[size_t(unit)]).arg(wholeNumber(count));
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

QString shortCount(double value) {
  constexpr std::array prefixes{"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  while (std::abs(value) >= 999.5 && prefix + 1 < prefixes.size()) value /= 1000, ++prefix;
  const bool whole = prefix == 0 && value == std::floor(value);
  const int decimals = whole ? 0 : std::abs(value) < 9.995 ? 2 : std::abs(value) < 99.95 ? 1 : 0;
  // A bare "G" reads as giga-nothing: counts of things are billions.
  const QString sign = prefix == 3 ? QStringLiteral("B") : QString::fromLatin1(prefixes[prefix]);
  return fixedNumber(value, decimals) + (sign.isEmpty() ? QString() : QChar(0x202f) + sign);
}

QString bytesText(double bytes) {
  const ByteSize size = byte_size(bytes);
  return fixedNumber(size.value, size.decimals) + QChar(0x202f) + QString::fromLatin1(size.unit);
}

QString durationText(double seconds) {
  const DurationParts parts = duration_parts(seconds);
  const QString text = unitText(parts.count, parts.unit);
  if (parts.rest == 0) return text;
  return text + QLatin1Char(' ') + unitText(parts.rest, DurationParts::Unit(int(parts.unit) - 1));
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
