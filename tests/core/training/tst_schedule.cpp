// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/base/errors.h"
#include "core/training/schedule.h"

using namespace llavakd;

/// The literal values come from transformers' get_*_schedule_with_warmup.
class TestSchedule : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void warmupIsRoundedUp() {
    QCOMPARE(warmup_steps(0.03, 150), 5);
    QCOMPARE(warmup_steps(0.03, 2181), 66);
    QCOMPARE(warmup_steps(0, 150), 0);
    QCOMPARE(warmup_steps(1, 7), 7);
  }

  void cosine() {
    QCOMPARE(learning_rate_factor("cosine", 0, 5, 150), 0.0);
    QCOMPARE(learning_rate_factor("cosine", 1, 5, 150), 0.2);
    QCOMPARE(learning_rate_factor("cosine", 4, 5, 150), 0.8);
    QCOMPARE(learning_rate_factor("cosine", 5, 5, 150), 1.0);
    QCOMPARE(learning_rate_factor("cosine", 6, 5, 150), 0.9998826490092421);
    QCOMPARE(learning_rate_factor("cosine", 149, 5, 150), 0.0001173509907579362);
    QCOMPARE(learning_rate_factor("cosine", 150, 5, 150), 0.0);
  }

  void linearAndConstant() {
    QCOMPARE(learning_rate_factor("linear", 2, 2, 10), 1.0);
    QCOMPARE(learning_rate_factor("linear", 6, 2, 10), 0.5);
    QCOMPARE(learning_rate_factor("linear", 10, 2, 10), 0.0);
    QCOMPARE(learning_rate_factor("constant", 1, 2, 10), 0.5);
    QCOMPARE(learning_rate_factor("constant", 9, 2, 10), 1.0);
  }

  void withoutWarmupTheFirstStepHasThePeak() { QCOMPARE(learning_rate_factor("cosine", 0, 0, 1), 1.0); }

  void anUnknownShapeIsRefused() { QVERIFY_THROWS_EXCEPTION(UserError, learning_rate_factor("sawtooth", 0, 0, 1)); }
};

QTEST_APPLESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
