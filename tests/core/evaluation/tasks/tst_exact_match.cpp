// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/evaluation/answer.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestExactMatch : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

  TaskResult exact_match(const LoadedModel& model, const char* file) const {
    return score(model, "exact_match", tiny_scoring(folder_, file));
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  /// Against the long way: a greedy answer for each row, compared as text.
  void equalsGreedyDecodingAndComparison() {
    const LoadedModel model = load_model(folder_ / "student");
    auto rows = nlohmann::ordered_json::array();
    std::map<std::string, std::pair<int, int>> counts;  // right, asked
    for (int i = 0; i < 8; ++i) {
      const std::string image = fmt::format("{}.png", i % 4), question = fmt::format("Q{}?", i);
      const Question asked{folder_ / "images" / image, question, "no_system", "square"};
      const Answer given = answer(model, asked, 12);
      // An answer that reaches the end by itself can be expected; the others are cut and so can't match.
      const bool ended = given.ids.size() < 12 && !given.text.empty();
      const std::string expected = ended && i % 2 == 0 ? given.text : "a fox";
      const std::string type = i < 5 ? "one" : "two";
      rows.push_back(question_row(fmt::format("r{}", i), image, question, expected, type));
      counts[type].first += given.text == expected && given.ids.size() < 12 ? 1 : 0;
      ++counts[type].second;
    }
    write_json(folder_ / "rows.json", rows);
    const TaskResult result = exact_match(model, "rows.json");
    double sum = 0;
    for (const auto& [type, count] : counts) {
      QCOMPARE(part_of_score(result, type), 100.0 * count.first / count.second);
      sum += 100.0 * count.first / count.second;
    }
    QCOMPARE(result.score.value(), sum / 2);
    QCOMPARE(result.n, 8);
    QVERIFY(result.skipped.empty());
  }

  /// Of a model that answers "fox", counted by hand: every token counts, the end too.
  void countsWholeAnswersByType() {
    auto rows = nlohmann::ordered_json::array();
    const auto add = [&](const char* type, const char* expected) {
      rows.push_back(question_row(fmt::format("r{}", rows.size()), "0.png", "Q?", expected, type));
    };
    for (const char* expected : {"fox", "fox", "ox"}) add("a", expected);
    for (const char* expected : {"fox", "fo", "foxy", "fox fox"}) add("b", expected);
    for (const char* expected : {"Fox", "red"}) add("c", expected);
    add("d", "fox");
    write_json(folder_ / "known.json", rows);
    const TaskResult result = exact_match(fox_model(folder_ / "student"), "known.json");
    QCOMPARE(part_of_score(result, "a"), 200.0 / 3);
    QCOMPARE(part_of_score(result, "b"), 25.0);
    QCOMPARE(part_of_score(result, "c"), 0.0);
    QCOMPARE(part_of_score(result, "d"), 100.0);
    QVERIFY(std::abs(result.score.value() - (200.0 / 3 + 25 + 0 + 100) / 4) < 1e-12);
    QCOMPARE(result.score_is, std::string("mean over 4 types"));
    QCOMPARE(result.n, 10);
  }

  void batchesDontMatter() {
    const LoadedModel model = fox_model(folder_ / "student");
    auto rows = nlohmann::ordered_json::array();
    for (int i = 0; i < 7; ++i)
      rows.push_back(question_row(fmt::format("r{}", i), fmt::format("{}.png", i % 3), std::string(i * 5 + 1, 'q'),
                                  i % 3 == 1 ? "a hut" : "fox", i < 4 ? "x" : "y"));
    write_json(folder_ / "batches.json", rows);
    ScoringOptions one = tiny_scoring(folder_, "batches.json"), many = one;
    one.batch_size = 1;
    many.batch_size = 64;
    const TaskResult alone = score(model, "exact_match", one);
    QCOMPARE(part_of_score(alone, "x"), 75.0);
    QCOMPARE(to_json(alone).dump(), to_json(score(model, "exact_match", many)).dump());
  }
};

QTEST_APPLESS_MAIN(TestExactMatch)
#include "tst_exact_match.moc"
