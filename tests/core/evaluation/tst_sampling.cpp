// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/errors.h"
#include "core/evaluation/sampling.h"

using namespace llavakd;

class TestSampling : public QObject {
  Q_OBJECT

  /// Logits of the probabilities 0.5, 0.3, 0.2 and 0.
  static at::Tensor logits() {
    const float none = -std::numeric_limits<float>::infinity();
    return at::tensor({std::log(0.5F), std::log(0.3F), std::log(0.2F), none}).view({1, 4});
  }
  /// Shares of the tokens among 4000 draws.
  static std::map<int64_t, double> shares(Sampling sampling) {
    constexpr int draws = 4000;
    TokenSampler sampler(sampling);
    std::map<int64_t, double> counted;
    for (int i = 0; i < draws; ++i) counted[sampler.next(logits())] += 1.0 / draws;
    return counted;
  }

 private Q_SLOTS:
  void zeroTakesTheLikeliest() {
    TokenSampler sampler({.seed = 9});
    for (int i = 0; i < 5; ++i) QCOMPARE(sampler.next(logits()), int64_t{0});
    QCOMPARE(sampler.next(at::tensor({1.0F, 3.0F, 3.0F})), int64_t{1});
  }

  void drawsAsOftenAsLikely() {
    const auto counted = shares({.temperature = 1, .seed = 1});
    QVERIFY(std::abs(counted.at(0) - 0.5) < 0.03 && std::abs(counted.at(1) - 0.3) < 0.03);
    QVERIFY(std::abs(counted.at(2) - 0.2) < 0.03 && !counted.contains(3));
    // At temperature 1/2 probabilities are as their squares: 25, 9, 4 of 38.
    const auto cold = shares({.temperature = 0.5, .seed = 1});
    QVERIFY(std::abs(cold.at(0) - 25.0 / 38) < 0.03 && std::abs(cold.at(2) - 4.0 / 38) < 0.03);
  }

  /// The likeliest tokens whose sum reaches top-p, and what is left of them shared as before.
  void topPLeavesTheUnlikelyOut() {
    const auto two = shares({.temperature = 1, .top_p = 0.7, .seed = 2});
    QCOMPARE(two.size(), size_t{2});
    QVERIFY(std::abs(two.at(0) - 0.625) < 0.03);
    const auto one = shares({.temperature = 1, .top_p = 0.4, .seed = 2});
    QCOMPARE(one.size(), size_t{1});
    QVERIFY(one.contains(0));
  }

  void aSeedRepeats() {
    const auto drawn = [](uint64_t seed) {
      TokenSampler sampler({.temperature = 1, .seed = seed});
      std::vector<int64_t> ids;
      for (int i = 0; i < 40; ++i) ids.push_back(sampler.next(logits()));
      return ids;
    };
    QCOMPARE(drawn(7), drawn(7));
    QVERIFY(drawn(7) != drawn(8));
  }

  void wrongSettingsAreRefused() {
    for (const Sampling& wrong : {Sampling{.temperature = -0.1}, Sampling{.temperature = 101}, Sampling{.top_p = 0},
                                  Sampling{.top_p = 1.01}, Sampling{.temperature = std::nan("")}})
      QVERIFY_THROWS_EXCEPTION(UserError, TokenSampler{wrong});
  }
};

QTEST_APPLESS_MAIN(TestSampling)
#include "tst_sampling.moc"
