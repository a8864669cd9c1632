// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/evaluation/answer_pieces.h"

using namespace llavakd;

class TestAnswerPieces : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void piecesMakeTheText() {
    AnswerPieces pieces;
    QCOMPARE(pieces.next(""), std::string());
    QCOMPARE(pieces.next("A"), std::string("A"));
    QCOMPARE(pieces.next("A red"), std::string(" red"));
    QCOMPARE(pieces.next("A red"), std::string());
    QCOMPARE(pieces.next("A red ball."), std::string(" ball."));
  }

  /// A token may end within a character: its bytes wait for the rest, as they are or as U+FFFD.
  void waitsForWholeCharacters() {
    AnswerPieces pieces;
    QCOMPARE(pieces.next("caf\xC3"), std::string("caf"));
    QCOMPARE(pieces.next("caf\xC3\xA9"), std::string("\xC3\xA9"));
    QCOMPARE(pieces.next("caf\xC3\xA9\xEF\xBF\xBD"), std::string());
    QCOMPARE(pieces.next("caf\xC3\xA9\xF0\x9F\x98"), std::string());
    QCOMPARE(pieces.next("caf\xC3\xA9\xF0\x9F\x98\x80"), std::string("\xF0\x9F\x98\x80"));
  }

  /// What was said is never taken back: a text that became another one is left to the whole answer.
  void saysNothingTwice() {
    AnswerPieces pieces;
    QCOMPARE(pieces.next("two  words"), std::string("two  words"));
    QCOMPARE(pieces.next("two words and"), std::string());
    QCOMPARE(pieces.next("two  words and"), std::string(" and"));
  }
};

QTEST_APPLESS_MAIN(TestAnswerPieces)
#include "tst_answer_pieces.moc"
