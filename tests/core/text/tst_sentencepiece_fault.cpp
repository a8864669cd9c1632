// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What libsentencepiece must not be given: tables and symbols made here, bit by bit.
#include <QtTest>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "core/text/sentencepiece_fault.h"

using namespace llavakd;

namespace {

std::string varint(size_t value) {
  std::string bytes;
  for (; value > 0x7F; value >>= 7) bytes += static_cast<char>(0x80 | (value & 0x7F));
  return bytes + static_cast<char>(value);
}

std::string field(int number, const std::string& payload) {
  return static_cast<char>(number << 3 | 2) + varint(payload.size()) + payload;
}

constexpr uint32_t leaf = 1U << 31, ends_rule = 1U << 8;

/// A unit of the trie: its number, the number of its block of children and its label.
std::pair<uint32_t, uint32_t> unit(uint32_t number, uint32_t block, uint32_t label) {
  return {number, (block ^ number) << 10 | label};
}

/// normalizer_spec (field 3) or denormalizer_spec (5) with a table of these units. The others belong to no block.
std::string spec_of_units(const std::map<uint32_t, uint32_t>& units, int number = 3, const std::string& text = "b") {
  std::vector<uint32_t> all((units.rbegin()->first | 0xFF) + 1);
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = (i & 0xFF) ^ 1;
  for (const auto& [i, bits] : units) all[i] = bits;
  const auto size = static_cast<uint32_t>(4 * all.size());
  std::string table(4 + size, '\0');
  std::memcpy(table.data(), &size, 4);
  std::memcpy(table.data() + 4, all.data(), size);
  return field(number, field(2, table + text + '\0'));
}

}  // namespace

class TstSentencepieceFault : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void brokenTriesAreRefused();
  void rulesThatBeginAlikeAreCounted();
  void nestedSymbolsAreCounted();
};

void TstSentencepieceFault::brokenTriesAreRefused() {
  const auto message_of = [](const std::string& model) {
    return QString::fromStdString(sentencepiece_fault(model).value_or(""));
  };
  // A rule for "a": the block of unit 0 begins at 256, the one of its child at 512.
  const std::map<uint32_t, uint32_t> one_rule{unit(0, 256, 0), unit(256 + 'a', 512, ends_rule | 'a'), {512, leaf | 0}};
  QCOMPARE(message_of(spec_of_units(one_rule)), QString());
  QCOMPARE(message_of(spec_of_units(one_rule, 5)), QString());

  auto broken = one_rule;
  broken[0] = 0xFFFFFFFF;  // a leaf, but the walk begins here and takes its offset
  QVERIFY2(message_of(spec_of_units(broken)).contains("unit 0 of its trie points outside"),
           qPrintable(message_of(spec_of_units(broken))));
  QVERIFY(message_of(spec_of_units(broken, 5)).contains("unit 0"));
  broken = one_rule;
  broken[512] = leaf | 2;
  QVERIFY(message_of(spec_of_units(broken)).contains("behind its texts"));
  broken = one_rule;
  broken.insert(unit(512 + 'c', 256, 'c'));  // behind "ac" come the rules for "a" again
  QVERIFY2(message_of(spec_of_units(broken)).contains("circle"), qPrintable(message_of(spec_of_units(broken))));
  QVERIFY(message_of(spec_of_units(one_rule, 3, std::string(1001, 'b'))).contains("more than 1000 bytes"));
  QCOMPARE(message_of(spec_of_units(one_rule, 3, std::string(1000, 'b'))), QString());

  // The tag of normalizer_spec with a bit above the 32 that protobuf keeps.
  std::string spec = spec_of_units(broken);
  spec.replace(0, 1, std::string("\x9a\x80\x80\x80\x10", 5));
  QVERIFY(message_of(spec).contains("ends in the middle"));
}

void TstSentencepieceFault::rulesThatBeginAlikeAreCounted() {
  // Rules for "\x01", "\x01\x02", "\x01\x02\x03", ...: each unit has a block of its own.
  const auto chain = [](uint32_t rules) {
    std::map<uint32_t, uint32_t> units{unit(0, 256, 0)};
    for (uint32_t rule = 1; rule <= rules; ++rule) {
      units.insert(unit(256 * rule + rule, 256 * (rule + 1), ends_rule | rule));
      units.emplace(256 * (rule + 1), leaf);
    }
    return spec_of_units(units);
  };
  for (const uint32_t rules : {1U, 31U, 32U}) {
    const auto fault = sentencepiece_fault(chain(rules));
    QVERIFY2(!fault, fault.value_or("").c_str());
  }
  QVERIFY(sentencepiece_fault(chain(33)).value_or("").find("more than 32 rules") != std::string::npos);
}

void TstSentencepieceFault::nestedSymbolsAreCounted() {
  const auto symbols = [](size_t count, const std::string& end) {
    std::string model;
    for (size_t i = 1; i <= count; ++i) model += field(1, field(1, std::string(i, 'a') + end) + "\x18\x04");
    return model;
  };
  QVERIFY(!sentencepiece_fault(symbols(64, "")));
  QVERIFY(sentencepiece_fault(symbols(65, "")).value_or("").find("user-defined") != std::string::npos);
  // The library's trie ends at a zero byte.
  QVERIFY(sentencepiece_fault(symbols(65, std::string("\0", 1))).has_value());
  // protobuf passes over a type that it doesn't know, and over a text that is given as a number.
  std::string hidden;
  for (size_t i = 1; i <= 65; ++i) {
    hidden += field(1, field(1, std::string(i, 'a')) + "\x18\x04\x18\x63\x08\x01");
  }
  QVERIFY(sentencepiece_fault(hidden).has_value());
  // Pieces that aren't user-defined may nest as they like.
  std::string normal;
  for (size_t i = 1; i <= 65; ++i) normal += field(1, field(1, std::string(i, 'a')));
  QVERIFY(!sentencepiece_fault(normal));
}

QTEST_GUILESS_MAIN(TstSentencepieceFault)
#include "tst_sentencepiece_fault.moc"
