// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/name_list.h"

using namespace llavakd;

class TestNameList : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void endsAfterFive() {
    QCOMPARE(name_list({}), std::string());
    QCOMPARE(name_list({"a"}), std::string("a"));
    QCOMPARE(name_list({"a", "b", "c", "d", "e"}), std::string("a, b, c, d, e"));
    QCOMPARE(name_list({"a", "b", "c", "d", "e", "f", "g"}), std::string("a, b, c, d, e and 2 more"));
    QCOMPARE(name_list({"a", "b", "c"}, 1), std::string("a and 2 more"));
  }

  void showsNamesThatAreNoText() { QCOMPARE(name_list({"a\n", "\xff"}), std::string("a\\x0a, \\xff")); }
};

QTEST_APPLESS_MAIN(TestNameList)
#include "tst_name_list.moc"
