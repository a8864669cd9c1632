// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/run/worst_pairs.h"

using namespace llavakd;

class TestWorstPairs : public QObject {
  Q_OBJECT

  using Values = std::vector<double>;

  /// Tokens in one row of patches.
  static RelationPair relations(const Values& teacher, const Values& student, bool directed = false) {
    const auto n = int64_t(std::lround(std::sqrt(double(student.size()))));
    const auto values = [n](const Values& of) {
      return [n, of](int64_t row, int64_t column) {
        return of[size_t(row * n + column)];
      };
    };
    return {n, values(teacher), values(student), [](int64_t a, int64_t b) { return std::abs(a - b); }, directed};
  }

  static QString named(const std::vector<DisagreeingPair>& pairs) {
    QString text;
    for (const DisagreeingPair& pair : pairs) text += QStringLiteral("%1%2 ").arg(pair.first).arg(pair.second);
    return text.trimmed();
  }

 private Q_SLOTS:
  void theWorstComeFirstAndEachOnce() {
    // Differences above the diagonal: 01: 5, 02: -3, 03: 1, 12: 4, 13: -3, 23: 9.
    const Values student{0, 5, -3, 1, 5, 0, 4, -3, -3, 4, 0, 9, 1, -3, 9, 0};
    const RelationPair four = relations(Values(16, 0), student);
    const auto worst = [&](int64_t pairs, int64_t radius) {
      return named(worst_pairs(four, {pairs, radius}));
    };
    QCOMPARE(worst(10, 0), QStringLiteral("23 01 12 02 13 03"));
    QCOMPARE(worst(3, 0), QStringLiteral("23 01 12"));
    QCOMPARE(worst(10, 1), QStringLiteral("02 13 03"));  // neighbours are left out
    QCOMPARE(worst(10, 2), QStringLiteral("03"));
    QCOMPARE(worst(10, 3), QString());
    QCOMPARE(worst(0, 0), QString());
    const DisagreeingPair first = worst_pairs(relations(Values(16, 1), student), {1, 0}).at(0);
    QCOMPARE(first.student, 9.0);
    QCOMPARE(first.teacher, 1.0);
    QCOMPARE(first.difference(), 8.0);
  }

  /// Attention has a direction: the pair is told in the one that differs more.
  void directedPairsAreToldInTheirDirection() {
    const auto pairs = worst_pairs(relations(Values(9, 0), {0, 0, 0, 7, 0, 0, -8, 1, 0}, true), {10, 0});
    QCOMPARE(named(pairs), QStringLiteral("20 10 21"));
    QCOMPARE(pairs[0].student, -8.0);
  }

  void whatIsNoNumberIsPassedOver() {
    const auto pairs = worst_pairs(relations(Values(9, 0), {0, NAN, 2, NAN, 0, 3, 2, 3, 0}), {10, 0});
    QCOMPARE(named(pairs), QStringLiteral("12 02"));
    QVERIFY(worst_pairs(relations({0}, {1}), {10, 0}).empty());
  }
};

QTEST_APPLESS_MAIN(TestWorstPairs)
#include "tst_worst_pairs.moc"
