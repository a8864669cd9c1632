// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/gradient_shares.h"

#include <QTest>
#include <cmath>

#include "core/base/errors.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

bool is_near(double a, double b) {
  return std::abs(a - b) < 1e-12;
}

TermGradients two_terms() {
  TermGradients found{.stage = "DFT", .student = "runs/one", .seed = 18446744073709551615U};
  found.samples = {"a", "b"};
  found.notes = {"Left out: c: no labels"};
  found.terms = {{"first", 1.5, 1}, {"second", 0.25, 2}};
  found.parts = {{"connector", {1, 0, 0, 9}}, {"layers 1-2", {3, 0, 0, 0}}};
  return found;
}

}  // namespace

class TestGradientShares : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Gradients (2, 0) and (0, 3) with weights 1 and 2: the total is (2, 6).
  void sharesOfTwoRightAngles() {
    const std::vector<double> products = {4, 0, 0, 9};
    const GradientShares total = gradient_shares(products, {1, 2});
    QVERIFY(is_near(total.norm, std::sqrt(40)));
    QVERIFY(is_near(total.shares[0], 0.1) && is_near(total.shares[1], 0.9));
    QVERIFY(is_near(total.cosines[0], 2 / std::sqrt(40)) && is_near(total.cosines[1], 6 / std::sqrt(40)));
    QVERIFY(gradient_norms(products) == (std::vector<double>{2, 3}));
    QVERIFY(gradient_cosines(products) == (std::vector<double>{1, 0, 0, 1}));
  }

  /// (3, 0) and (-1, 0): the second pulls back, and the shares still sum to 1.
  void aShareMayBeNegative() {
    const GradientShares total = gradient_shares({9, -3, -3, 1}, {1, 1});
    QVERIFY(is_near(total.norm, 2));
    QVERIFY(is_near(total.shares[0], 1.5) && is_near(total.shares[1], -0.5));
    QVERIFY(is_near(total.cosines[0], 1) && is_near(total.cosines[1], -1));
    QVERIFY(is_near(gradient_cosines({9, -3, -3, 1})[1], -1));
  }

  void aTermThatIsOffHasNoShare() {
    const GradientShares total = gradient_shares({4, 3, 3, 9}, {1, 0});
    QVERIFY(is_near(total.shares[0], 1) && total.shares[1] == 0);
    QVERIFY(is_near(total.cosines[1], 0.5));  // it would still go that way
  }

  void nothingHasAShareOfNothing() {
    for (const auto& [products, weights] : {std::pair(std::vector<double>{4, 0, 0, 9}, std::vector<double>{0, 0}),
                                            {{0, 0, 0, 0}, {1, 1}},
                                            {{1e8, -1e8, -1e8, 1e8}, {1, 1}}}) {
      const GradientShares total = gradient_shares(products, weights);
      QCOMPARE(total.norm, 0.0);
      QVERIFY(std::isnan(total.shares[0]) && std::isnan(total.cosines[1]));
    }
    QVERIFY(std::isnan(gradient_cosines({4, 0, 0, 0})[1]));
  }

  void jsonHasWhatFollowsAndIsReadBack() {
    const TermGradients found = two_terms();
    const Json json = to_json(found);
    QCOMPARE(json["total"]["products"].dump(), std::string("[[4.0,0.0],[0.0,9.0]]"));
    QVERIFY(is_near(json["total"]["shares"][1].get<double>(), 0.9));
    QVERIFY(json["parts"][1]["cosines"][0][1].is_null());  // the second term has no gradient there
    const TermGradients read = term_gradients_from_json(Json::parse(json.dump()));
    QCOMPARE(read.seed, found.seed);
    QCOMPARE(to_json(read).dump(), json.dump());
  }

  void otherJsonIsRefused() {
    const Json good = to_json(two_terms());
    Json without = good, negative = good, small = good;
    without.erase("seed");
    negative["parts"][0]["products"][1][1] = -1;
    small["parts"][0]["products"] = Json::array({Json::array({1})});
    for (const Json& json : {Json(), Json::array(), Json("x"), without, negative, small})
      QVERIFY_EXCEPTION_THROWN(term_gradients_from_json(json), UserError);
  }

  /// What decides the products, and what doesn't.
  void theKeyKnowsWhatCounts() {
    Project project;
    project.stages = {StageOptions{.name = "A"}, StageOptions{.name = "B"}};
    const auto key = [](const Project& of) {
      return gradients_key(of, of.stages[1]);
    };
    const std::string before = key(project);
    Project same = project;
    same.stages[1].terms[0].weight = 0.25;
    same.stages[1].terms.push_back({.term = std::string(term_catalog().back().name), .weight = 2});
    same.stages[1].learning_rate = 1;
    same.stages[1].epochs = 7;
    same.stages[0].data = "other.json";
    same.name = "x";
    QCOMPARE(key(same), before);
    const auto changes = {+[](Project& p) { p.stages[1].data = "other.json"; },
                          +[](Project& p) { p.stages[1].train = {"language_model"}; },
                          +[](Project& p) { p.stages[1].terms.push_back({.term = "mdist_visual", .temperature = 2}); },
                          +[](Project& p) { p.teacher.checkpoint = "t"; },
                          +[](Project& p) { p.student.checkpoint = "s"; },
                          +[](Project& p) { p.run.seed = 5; },
                          +[](Project& p) { p.max_length = 100; },
                          +[](Project& p) {
                            p.schedule = {"B"};
                          }};
    int number = 0;
    for (const auto& change : changes) {
      Project other = project;
      change(other);
      QVERIFY2(key(other) != before, qPrintable(QString::number(number)));
      ++number;
    }
  }
};

QTEST_GUILESS_MAIN(TestGradientShares)
#include "tst_gradient_shares.moc"
