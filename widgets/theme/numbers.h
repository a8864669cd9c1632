// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QTime>
#include <optional>

/// Numbers as people read and write them. All that the studio shows or takes goes through here, so that one window has
/// one decimal sign and one grouping: those of QLocale(). The two that are used most, number(value) and shortCount(),
/// are declared in theme.h.
namespace llavakd::theme {

/// Significant digits, closing zeros kept: "0.7311", "1.204e-06".
QString roundedNumber(double value, int digits);
/// As short as four digits allow, for axes and percentages: "0.5", "20".
QString shortNumber(double value);
/// "1,280", grouped where the locale groups.
QString wholeNumber(qint64 value);
/// A fixed number of decimals: "0.60".
QString fixedNumber(double value, int decimals);
/// With its sign, always: "+0.020", "−0.020".
QString signedNumber(double value, int decimals);

/// "812 B", "3.42 MiB", "12.4 GiB": in powers of 1024, as core/base/byte_size.h has it.
QString bytesText(double bytes);
/// "40 s", "3 min 20 s", "12 min", "3 h 10 min", "2 days 5 h", as core/base/duration.h has it.
QString durationText(double seconds);

/// "14:32": the locale's short time without seconds, which the C locale would write.
QString clockTime(const QTime& time);

/// For a field to edit: whole numbers in full, others with eight significant digits, no grouping. readNumber() reads
/// it.
QString fieldNumber(double value);
/// A typed number; nothing where the locale doesn't read it as one, with groups where they may not stand ("1,5" in
/// English, "0.5" in German), and for what isn't finite.
std::optional<double> readNumber(const QString& text);

}  // namespace llavakd::theme
