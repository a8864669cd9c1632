// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/byte_size.h"

namespace llavakd {

class TestByteSize : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sizesHaveThreeDigits() {
    QCOMPARE(size_text(0), "0 B");
    QCOMPARE(size_text(999), "999 B");
    QCOMPARE(size_text(1000), "0.98 KiB");
    QCOMPARE(size_text(1024), "1.00 KiB");
    QCOMPARE(size_text(999.4 * 1024), "999 KiB");
    QCOMPARE(size_text(1024 * 1024 - 1), "1.00 MiB");
    QCOMPARE(size_text(12'345'678'901), "11.5 GiB");
    QCOMPARE(size_text(9.996 * 1024 * 1024), "10.0 MiB");
    QCOMPARE(size_text(120.0 * 1024 * 1024 * 1024), "120 GiB");
  }

  void theUnitsEndWithPebibytes() {
    QCOMPARE(size_text(5e18), "4441 PiB");
    QCOMPARE(size_text(-2048), "-2.00 KiB");
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::TestByteSize)
#include "tst_byte_size.moc"
