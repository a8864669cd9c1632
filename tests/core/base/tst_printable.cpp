// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/printable.h"

using namespace llavakd;

class TestPrintable : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knowsUtf8() {
    QVERIFY(is_utf8(""));
    QVERIFY(is_utf8("\uFFFD 漢 😀"));
    QVERIFY(is_utf8("eight by eight bytes of ASCII, then é"));
    QVERIFY(!is_utf8("eight by eight bytes of ASCII, then \xe9"));
    QVERIFY(!is_utf8("\xc0\xaf"));          // longer than needed
    QVERIFY(!is_utf8("\xed\xa0\x80"));      // a surrogate
    QVERIFY(!is_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
    QVERIFY(!is_utf8("\xe4\xbd"));          // cut short
  }

  void showsWhatIsNoText() {
    QCOMPARE(printable("漢 a"), std::string("漢 a"));
    QCOMPARE(printable("a\xff\x1b[2J\n\x7f"), std::string("a\\xff\\x1b[2J\\x0a\\x7f"));
    // C1 controls, marks of direction and line separators; a joiner of letters and pictures stays.
    QCOMPARE(printable("a\xc2\x9b\xe2\x80\xae\xe2\x80\xa8z"),
             std::string("a\\xc2\\x9b\\xe2\\x80\\xae\\xe2\\x80\\xa8z"));
    QCOMPARE(printable("a\xe2\x80\x8dz\xc2\xa0"), std::string("a\xe2\x80\x8dz\xc2\xa0"));
    QCOMPARE(printable(std::string(1000, 'a')), std::string(300, 'a') + "…");
    QCOMPARE(printable("aéé", 3), std::string("aé…"));
    QCOMPARE(printable("aéé", 4), std::string("aéé"));
    QCOMPARE(printable("aéé", 5), std::string("aéé"));
  }

  void quotesForAShell() {
    QCOMPARE(shell_word("runs/2026-11-24_a.json"), std::string("runs/2026-11-24_a.json"));
    QCOMPARE(shell_word("my project"), std::string("'my project'"));
    QCOMPARE(shell_word("it's $HOME"), std::string("'it'\\''s $HOME'"));
    QCOMPARE(shell_word("é"), std::string("'é'"));
    QCOMPARE(shell_word(""), std::string("''"));
  }
};

QTEST_APPLESS_MAIN(TestPrintable)
#include "tst_printable.moc"
