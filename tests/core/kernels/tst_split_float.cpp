// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/split_float.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/kernels/adamw_update.h"

using namespace llavakd;

class TestSplitFloat : public QObject {
  Q_OBJECT

  static bool comesBack(uint32_t bits) {
    const SplitFloat halves = split_float(std::bit_cast<float>(bits));
    return std::bit_cast<uint32_t>(join_float(halves.high, halves.remainder)) == bits;
  }

 private Q_SLOTS:
  void edgesComeBack_data() {
    QTest::addColumn<uint32_t>("bits");
    const std::pair<const char*, uint32_t> edges[] = {{"0", 0},
                                                      {"-0", 0x80000000},
                                                      {"smallest subnormal", 1},
                                                      {"largest subnormal", 0x007FFFFF},
                                                      {"smallest normal", 0x00800000},
                                                      {"below a tie", 0x3F807FFF},
                                                      {"tie above an even bfloat16", 0x3F808000},
                                                      {"tie above an odd bfloat16", 0x3F818000},
                                                      {"above a tie", 0x3F808001},
                                                      {"largest that stays finite", 0x7F7F7FFF},
                                                      {"smallest that rounds to infinity", 0x7F7F8000},
                                                      {"largest finite", 0x7F7FFFFF},
                                                      {"largest negative", 0xFF7FFFFF},
                                                      {"infinity", 0x7F800000},
                                                      {"-infinity", 0xFF800000},
                                                      {"NaN", 0x7FC00000},
                                                      {"last NaN", 0xFFFFFFFF}};
    for (const auto& [name, bits] : edges) QTest::newRow(name) << bits;
  }
  void edgesComeBack() {
    QFETCH(uint32_t, bits);
    QVERIFY(comesBack(bits));
  }

  /// The upper half decides nothing but itself: with each lower half, a sample of the upper ones.
  void everyLowerHalfComesBack() {
    for (uint32_t low = 0; low < 0x10000; ++low)
      for (uint32_t high = low % 257; high < 0x10000; high += 4099) QVERIFY(comesBack((high << 16) | low));
  }

  void theUpperHalfIsTheNearest() {
    std::mt19937 random(1);
    for (int i = 0; i < 100000; ++i) {
      const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
      if (!std::isfinite(value)) continue;
      const uint16_t high = split_float(value).high;
      if (!std::isfinite(widen(high))) continue;  // as bfloat16 rounds: from 2^128 − 2^119 on
      const double away = std::abs(double(widen(high)) - value);
      QVERIFY(away <= std::abs(double(widen(static_cast<uint16_t>(high + 1))) - value));
      if ((high & 0x7FFF) != 0) QVERIFY(away <= std::abs(double(widen(static_cast<uint16_t>(high - 1))) - value));
    }
  }

  /// Every width of the processor does the same; a tail is left.
  void rowsAreAsElements() {
    std::mt19937 random(2);
    for (const size_t count : {0UL, 1UL, 1003UL}) {
      std::vector<float> values(count), back(count);
      for (float& value : values) value = std::bit_cast<float>(static_cast<uint32_t>(random()));
      std::vector<uint16_t> high(count);
      std::vector<int16_t> remainder(count);
      split(values.data(), high.data(), remainder.data(), static_cast<int64_t>(count));
      join(high.data(), remainder.data(), back.data(), static_cast<int64_t>(count));
      for (size_t i = 0; i < count; ++i) {
        QCOMPARE(std::bit_cast<uint32_t>(back[i]), std::bit_cast<uint32_t>(values[i]));
        QCOMPARE(high[i], split_float(values[i]).high);
      }
    }
  }

  void squaresOfHalves() {
    std::vector<uint16_t> halves;
    std::vector<float> whole;
    std::mt19937 random(3);
    for (int i = 0; i < 1003; ++i) {
      halves.push_back(split_float(static_cast<float>(random()) / 4e9F - 0.5F).high);
      whole.push_back(widen(halves.back()));
    }
    for (const int64_t count : {0, 1, 16, 1003}) {
      QCOMPARE(sum_of_squares(halves.data(), count), sum_of_squares(whole.data(), count));
      double plain = 0;
      for (int64_t i = 0; i < count; ++i) plain += double(whole[size_t(i)]) * whole[size_t(i)];
      QVERIFY(std::abs(sum_of_squares(halves.data(), count) - plain) <= 1e-12 * plain);
    }
  }
};

QTEST_APPLESS_MAIN(TestSplitFloat)
#include "tst_split_float.moc"
