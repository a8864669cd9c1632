// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/run/proportions.h"

using namespace llavakd;

class TestProportions : public QObject {
  Q_OBJECT

  static bool is_near(double a, double b, double by = 1e-4) { return std::abs(a - b) <= by; }

 private Q_SLOTS:
  /// Against figures of R 4.2, prop.test(x, n, correct = FALSE).
  void intervalsAreWilsons() {
    const auto half = wilson_interval(5, 10);
    QVERIFY(is_near(half.low, 0.2366) && is_near(half.high, 0.7634));
    const auto many = wilson_interval(175, 300);
    QVERIFY(is_near(many.low, 0.5268) && is_near(many.high, 0.6377));
  }

  void intervalsStayWithinTheirBounds() {
    const auto none = wilson_interval(0, 10), all = wilson_interval(10, 10);
    QCOMPARE(none.low, 0.0);
    QVERIFY(is_near(none.high, 0.2775));
    QVERIFY(is_near(all.low, 0.7225));
    QCOMPARE(all.high, 1.0);
    const auto unknown = wilson_interval(0, 0);
    QVERIFY(unknown.low == 0 && unknown.high == 1);
  }

  /// By hand: 2 · (1 + 6) / 64, and 2 · (1 + 10 + 45) / 1024.
  void signTestsAreCountedOut() {
    QVERIFY(is_near(exact_sign_test(5, 1), 0.21875, 1e-12));
    QVERIFY(is_near(exact_sign_test(2, 8), 0.109375, 1e-12));
    QVERIFY(is_near(exact_sign_test(0, 3), 0.25, 1e-12));
    QCOMPARE(exact_sign_test(0, 0), 1.0);
    QCOMPARE(exact_sign_test(7, 7), 1.0);
    QCOMPARE(exact_sign_test(3, 2), 1.0);  // 2 · 16 / 32
  }

  /// Halves to the power of thousands are no doubles.
  void manyPairsNeedNoLuck() {
    QVERIFY(is_near(exact_sign_test(1000, 1010), exact_sign_test(1010, 1000), 0));
    QVERIFY(exact_sign_test(1000, 1010) > 0.8 && exact_sign_test(1000, 1010) < 0.9);
    QVERIFY(exact_sign_test(900, 1100) < 1e-4);
    QVERIFY(exact_sign_test(0, 2000) < 1e-300);
  }
};

QTEST_APPLESS_MAIN(TestProportions)
#include "tst_proportions.moc"
