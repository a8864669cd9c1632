// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/text/byte_alphabet.h"
#include "core/text/split_pattern.h"
#include "core/text/unicode.h"

using namespace llavakd;

class TstUnicode : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void replacesIllFormedSequences() {
    QCOMPARE(valid_utf8("a\xff\xfe"), std::string("a\uFFFD\uFFFD"));
    QCOMPARE(valid_utf8("\xc3\x28"), std::string("\uFFFD("));
    QCOMPARE(valid_utf8("\xe4\xbd"), std::string("\uFFFD"));                  // one maximal subpart
    QCOMPARE(valid_utf8("\xed\xa0\x80"), std::string("\uFFFD\uFFFD\uFFFD"));  // a surrogate
    QCOMPARE(valid_utf8("\xf4\x90\x80\x80"), std::string("\uFFFD\uFFFD\uFFFD\uFFFD"));
  }

  void readsTheLastCodePoint() {
    QCOMPARE(static_cast<uint32_t>(last_code_point("a漢").value), 0x6F22u);
    QVERIFY(!last_code_point("a\x80").valid);
    QCOMPARE(last_code_point("a\x80").length, size_t{1});
  }

  void normalizes() {
    QCOMPARE(normalized("e\u0301", NormalForm::nfc), std::string("é"));
    QCOMPARE(normalized("é", NormalForm::nfd), std::string("e\u0301"));
    QCOMPARE(normalized("ﬁ²", NormalForm::nfkc), std::string("fi2"));
    QCOMPARE(normalized("q\u0307\u0323", NormalForm::nfc), std::string("q\u0323\u0307"));
    QCOMPARE(normalized("\u1112\u1161\u11ab", NormalForm::nfc), std::string("한"));
    QCOMPARE(normalized("\u1108\u1171\u11a7", NormalForm::nfc), std::string("\uc020\u11a7"));  // no consonant
    QCOMPARE(normalized("e\u0301", NormalForm::none), std::string("e\u0301"));
  }

  void marksYoungerThanTheTablesStay() {
    QCOMPARE(normalized("~\u034e\u089e", NormalForm::nfc), std::string("~\u034e\u089e"));
    QCOMPARE(normalized("~\u0345\u1abf", NormalForm::nfc), std::string("~\u0345\u1abf"));
  }

  void longRunsOfMarksTakeLittleTime() {
    std::string text = "a";
    for (int i = 0; i < 300000; ++i) text += i % 2 == 0 ? "\u0315" : "\u0316";  // classes 232 and 220
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(normalized(text, NormalForm::nfc).size(), text.size());
    QVERIFY(timer.elapsed() < 5000);
  }

  void everyByteHasOneCharacter() {
    for (int byte = 0; byte < 256; ++byte) {
      const auto back = byte_of_character(character_of_byte(static_cast<uint8_t>(byte)));
      QVERIFY(back && *back == byte);
    }
    QCOMPARE(bytes_of_token("Ġthe"), std::string(" the"));
    QCOMPARE(bytes_of_token("漢"), std::string("漢"));  // not of the alphabet: kept
    QVERIFY(!byte_of_character(0xAD));
  }

  void whiteSpaceIsUnicodes() {
    const SplitPattern pattern(R"(\s+)", SplitPattern::Kind::regex, SplitPattern::Matches::removed, false, "test");
    std::vector<std::string_view> words;
    pattern.split("a \u2009b\u180ec", words);
    QCOMPARE(words.size(), size_t{2});
    QCOMPARE(words[1], std::string_view("b\u180ec"));
  }

  void patternsThatMatchNothingEnd() {
    const SplitPattern pattern("x*", SplitPattern::Kind::regex, SplitPattern::Matches::isolated, false, "test");
    std::vector<std::string_view> words;
    pattern.split("ab漢xxc", words);
    QCOMPARE(words.size(), size_t{5});  // an empty match cuts
  }

  void patternsAreReadAsOnigurumaDoes() {
    using Words = std::vector<std::string_view>;
    const auto words = [](std::string_view pattern, std::string_view text) {
      Words result;
      SplitPattern(pattern, SplitPattern::Kind::regex, SplitPattern::Matches::isolated, false, "test")
          .split(text, result);
      return result;
    };
    QCOMPARE(words("(?=(\\d{3})+(?!\\d))", "1234567"), (Words{"1", "234", "567"}));
    QCOMPARE(words("^b", "a\nb"), (Words{"a\n", "b"}));
    QCOMPARE(words("a{,2}b", "aab"), (Words{"aab"}));
    QCOMPARE(words("\\w+", "!a\u0301²"), (Words{"!", "a\u0301²"}));
    QCOMPARE(words("[^\\S\n]+", "a\u180e \n"), (Words{"a\u180e", " ", "\n"}));
    QCOMPARE(words("\\p{S}+", "a\U0001FA77\U0001FABF"), (Words{"a", "\U0001FA77\U0001FABF"}));
    QCOMPARE(words("\\p{L}+", "!\U00031350a"), (Words{"!", "\U00031350a"}));
    for (const char* pattern :
         {"[a-z&&b]", "[a[b]]", "\\h", "\\Z", "(?m:a)", "a(?i)b", "a{2}+", "[[:punct:]]", "[a-"}) {
      QVERIFY_EXCEPTION_THROWN(words(pattern, "a"), UserError);
    }
  }
};

QTEST_APPLESS_MAIN(TstUnicode)
#include "tst_unicode.moc"
