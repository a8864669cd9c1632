// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <string>

#include "core/base/errors.h"
#include "core/base/printable.h"

using namespace llavakd;
using namespace std::string_literals;

/// Messages quote what is in files.
class TstErrors : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void controlCharactersDontReachTheTerminal() {
    QCOMPARE(UserError("a\x1b[2J\0b\x7f\nc é"s).what(), "a?[2J?b?\nc é");
    QCOMPARE(RunError("\0"s).what(), "?");
  }

  void longMessagesAreCutBetweenCharacters() {
    std::string text = "a";
    while (text.size() < 20'000) text += "é";
    const std::string said = UserError(text).what();
    QVERIFY(is_utf8(said));
    QVERIFY(said.size() < 16'010 && said.ends_with("é…"));
    QCOMPARE(std::string(UserError(std::string(16'000, 'a')).what()), std::string(16'000, 'a'));
  }
};

QTEST_APPLESS_MAIN(TstErrors)
#include "tst_errors.moc"
