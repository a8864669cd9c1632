// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <limits>

#include "core/base/duration.h"

namespace llavakd {

class TestDuration : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void durationsAreRoundedToWhatIsShown() {
    const auto text = [](double seconds) {
      return QString::fromStdString(duration_text(seconds));
    };
    QCOMPARE(text(0), QString("0 s"));
    QCOMPARE(text(12.4), QString("12 s"));
    QCOMPARE(text(59.6), QString("1 min"));
    QCOMPARE(text(90), QString("1 min 30 s"));
    QCOMPARE(text(599.4), QString("9 min 59 s"));
    QCOMPARE(text(599.6), QString("10 min"));
    QCOMPARE(text(12 * 60 + 31), QString("13 min"));
    QCOMPARE(text(3570), QString("1 h"));
    QCOMPARE(text(7500), QString("2 h 5 min"));
    QCOMPARE(text(48 * 3600 - 31), QString("47 h 59 min"));
    QCOMPARE(text(48 * 3600 - 29), QString("2 days"));
    QCOMPARE(text(51 * 3600 + 1799), QString("2 days 3 h"));
    QCOMPARE(text(72 * 3600 - 1), QString("3 days"));
  }

  void whatIsNoDurationIsNone() {
    QCOMPARE(duration_text(-5), "0 s");
    QCOMPARE(duration_text(std::numeric_limits<double>::quiet_NaN()), "0 s");
    QVERIFY(duration_parts(std::numeric_limits<double>::infinity()).unit == DurationParts::Unit::day);
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::TestDuration)
#include "tst_duration.moc"
