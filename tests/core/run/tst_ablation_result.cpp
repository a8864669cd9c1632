// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>
#include <optional>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/ablation_result.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestAblationResult : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void withoutAQuestionAnArmHasNoScore() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const auto result = [](const char* file, nlohmann::ordered_json score) {
      const int questions = score.is_null() ? 0 : 2;
      return nlohmann::ordered_json{{"file", file},
                                    {"score", std::move(score)},
                                    {"score_is", "mean over 2 types"},
                                    {"types", {{"x", 10.0}}},
                                    {"questions", questions}};
    };
    write_json(folder / "A-1.json", nlohmann::ordered_json::array({result("a.json", 20.0), result("b.json", 40.0)}));
    QCOMPARE(read_arm_score(folder).score.value(), 30.0);
    QVERIFY(read_arm_score(folder).breakdown.contains("b: x"));
    write_json(folder / "A-2.json", nlohmann::ordered_json::array({result("a.json", 20.0), result("b.json", {})}));
    QVERIFY(!read_arm_score(folder).score && !has_arm_score(folder));
    write_json(folder / "A-3.json", nlohmann::ordered_json::parse(R"([{"task": "t", "score": 20}])"));
    QCOMPARE(read_arm_score(folder).score.value(), 20.0);  // a task without a breakdown
    for (const char* damaged : {"[]", R"([{"task": "t"}])", R"([7])"}) {
      write_json(folder / "A-4.json", nlohmann::ordered_json::parse(damaged));
      QVERIFY_THROWS_EXCEPTION(UserError, read_arm_score(folder));
    }

    ArmScore scored{.score = 50, .score_is = "mean over 2 types", .steps = 3, .breakdown = {{"x", 50}}};
    const ArmScore without{.steps = 3, .breakdown = {{"y", 10}}};
    const auto json = ablation_json({{"A", {scored, without}}, {"B", {without, without}}}, {0, 1});
    QCOMPARE(json["arms"]["A"]["scores"].dump(), std::string("[50.0,null]"));
    QCOMPARE(json["arms"]["A"]["mean"].get<double>(), 50.0);
    QVERIFY(json["arms"]["A"]["sd"].is_null());  // one value doesn't spread
    QVERIFY(json["arms"]["B"]["mean"].is_null());
    QCOMPARE(json["differences"][0]["scores"].dump(), std::string("[null,null]"));
    const std::string tables = ablation_tables(json);
    for (const char* text :
         {"Each score in percent: mean over 2 types.", "| A | 3 | 50.0 | – | 50.00 ± – (1 of 2 seeds) |",
          "| B | 3 | – | – | no score | – | 10.0 |"})
      QVERIFY2(tables.find(text) != std::string::npos, tables.c_str());
  }

  void spreadByHand() {
    QCOMPARE(spread({1, 2, 3}).mean, 2.0);
    QCOMPARE(spread({1, 2, 3}).sd.value(), 1.0);
    QCOMPARE(spread({4}).mean, 4.0);
    QVERIFY(!spread({4}).sd && !spread({4}).interval);
    QVERIFY(!spread({}).sd);
  }

  /// The quantiles are those of printed tables: 4.303 with 2 degrees of freedom, 2.201 with 11, 2.042 with 30.
  void intervalsByHand() {
    const auto three = spread({1, 2, 3}).interval.value();
    QVERIFY(std::abs(three.second - (2 + 4.3027 / std::sqrt(3.0))) < 1e-9);
    QVERIFY(std::abs(three.first + three.second - 4) < 1e-9);
    const auto quantile = [](size_t n) {
      std::vector<double> values(n);
      for (size_t i = 0; i < n; ++i) values[i] = double(i);
      const Spread s = spread(values);
      return (s.interval->second - s.mean) * std::sqrt(double(n)) / *s.sd;
    };
    QVERIFY2(std::abs(quantile(12) - 2.2010) < 2e-4, std::to_string(quantile(12)).c_str());
    QVERIFY2(std::abs(quantile(31) - 2.0423) < 2e-4, std::to_string(quantile(31)).c_str());
    QVERIFY2(std::abs(quantile(1001) - 1.9623) < 2e-4, std::to_string(quantile(1001)).c_str());
  }

  /// A difference counts the seeds that both arms have; its interval is in the tables.
  void pairsBySeed() {
    const auto arm = [](const char* name, std::vector<std::optional<double>> scores) {
      ArmResult result{.name = name, .scores = {}};
      for (const auto& score : scores) result.scores.push_back({.score = score, .steps = score ? 8 : 0});
      return result;
    };
    const auto json =
        ablation_json({arm("A", {std::nullopt, 50.0, 51.0, 52.0}), arm("B", {60.0, 51.0, 53.0, 55.0})}, {0, 1, 2, 3});
    QCOMPARE(json["arms"]["A"]["steps"].get<int>(), 8);
    const auto& difference = json["differences"][0];
    QCOMPARE(difference["scores"].dump(), std::string("[null,1.0,2.0,3.0]"));
    QCOMPARE(difference["mean"].get<double>(), 2.0);
    QVERIFY(difference["equal_steps"].get<bool>());
    QVERIFY(std::abs(difference["interval"][1].get<double>() - (2 + 4.3027 / std::sqrt(3.0))) < 1e-9);
    const std::string tables = ablation_tables(json);
    QVERIFY2(tables.find("| B − A | – +1.00 +2.00 +3.00 | +2.00 ± 1.00 (3 of 4 seeds) | -0.48 to +4.48 |") !=
                 std::string::npos,
             tables.c_str());
  }
};

QTEST_GUILESS_MAIN(TestAblationResult)
#include "tst_ablation_result.moc"
