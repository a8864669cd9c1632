// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLocale>
#include <QTest>

#include "widgets/run/run_row.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class NumbersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() { QLocale::setDefault(QLocale::c()); }

  /// The same units and digits as on the command line, with the locale's signs.
  void sizesAreBinaryEverywhere() {
    QCOMPARE(theme::bytesText(812), QStringLiteral("812\u202fB"));
    QCOMPARE(theme::bytesText(41e9), QStringLiteral("38.2\u202fGiB"));
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    QCOMPARE(theme::bytesText(41e9), QStringLiteral("38,2\u202fGiB"));
  }

  void durationsAreOneRule() {
    QCOMPARE(theme::durationText(40.4), QStringLiteral("40 s"));
    QCOMPARE(theme::durationText(59.6), QStringLiteral("1 min"));
    QCOMPARE(theme::durationText(200), QStringLiteral("3 min 20 s"));
    QCOMPARE(theme::durationText(12 * 60 + 20), QStringLiteral("12 min"));
    QCOMPARE(theme::durationText(11'400), QStringLiteral("3 h 10 min"));
    QCOMPARE(theme::durationText(51 * 3600), QStringLiteral("2 days 3 h"));
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    QCOMPARE(theme::durationText(2000.0 * 86'400), QStringLiteral("2.000 days"));
  }

  /// What core says of a score has the locale's numbers in the window.
  void scoresHaveTheLocalesNumbers() {
    TaskResult result;
    result.scorer = "exact_match";
    result.score = 58.333;
    result.score_is = "mean over 5 types";
    result.n = 1300;
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    QCOMPARE(taskResultText(result), QStringLiteral("exact_match: 58,33 % (mean over 5 types), 1.300 questions"));
    result.skipped = {"one"};
    QVERIFY(taskResultText(result).endsWith(QStringLiteral(", 1.300 of 1.301 questions")));
  }

  void countsAreDecimal() {
    QCOMPARE(theme::shortCount(950), QStringLiteral("950"));
    QCOMPARE(theme::shortCount(3'400'000), QStringLiteral("3.40\u202fM"));
    QCOMPARE(theme::shortCount(1.25e9), QStringLiteral("1.25\u202fB"));
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::NumbersTest)
#include "tst_numbers.moc"
