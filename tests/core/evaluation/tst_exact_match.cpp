// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/answer.h"
#include "core/evaluation/exact_match.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestExactMatch : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

  LoadedModel student() const { return load_model(folder_ / "student"); }

  static nlohmann::ordered_json entry(const std::string& id, const std::string& image, const std::string& question,
                                      const std::string& text, const std::string& type) {
    return {{"id", id},
            {"image", image},
            {"type", type},
            {"conversations",
             {{{"from", "human"}, {"value", "<image>\n" + question}}, {{"from", "gpt"}, {"value", text}}}}};
  }

  ScoringOptions options(const char* file) const {
    return {.file = folder_ / file,
            .images = folder_ / "images",
            .conversation_template = "no_system",
            .max_length = 80,
            .batch_size = 3};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  /// Against the long way: a greedy answer for each row, compared as text.
  void equalsGreedyDecodingAndComparison() {
    const LoadedModel model = student();
    auto rows = nlohmann::ordered_json::array();
    std::map<std::string, std::pair<int, int>> counts;  // right, asked
    int with_end = 0;
    for (int i = 0; i < 8; ++i) {
      const std::string image = fmt::format("{}.png", i % 4), question = fmt::format("Q{}?", i);
      const Question asked{folder_ / "images" / image, question, "no_system", "square"};
      const Answer given = answer(model, asked, 12);
      // An answer that reaches the end by itself can be expected; the others are cut and so can't match.
      const bool ended = given.ids.size() < 12 && !given.text.empty();
      with_end += ended ? 1 : 0;
      const std::string expected = ended && i % 2 == 0 ? given.text : "a fox";
      const std::string type = i < 5 ? "one" : "two";
      rows.push_back(entry(fmt::format("r{}", i), image, question, expected, type));
      counts[type].first += given.text == expected && given.ids.size() < 12 ? 1 : 0;
      ++counts[type].second;
    }
    write_json(folder_ / "rows.json", rows);
    const auto result = exact_match(model, options("rows.json"));
    double sum = 0;
    for (const auto& [type, count] : counts) {
      QCOMPARE(result["types"][type].get<double>(), 100.0 * count.first / count.second);
      sum += 100.0 * count.first / count.second;
    }
    QCOMPARE(result["score"].get<double>(), sum / 2);
    QCOMPARE(result["score_is"].get<std::string>(), std::string("mean over 2 types"));
    QCOMPARE(result["questions"].get<int>(), 8);
    QVERIFY(result["skipped"].empty());
  }

  /// A model that always says the same token then ends: the score is known without decoding.
  void knowsARightAnswer() {
    LoadedModel model = student();
    TensorMap parameters = model.model.parameters();
    // With the last norm at 0 all logits are equal, so that the arg max is token 0 everywhere.
    parameters["language_model.model.norm.weight"] = at::zeros_like(parameters["language_model.model.norm.weight"]);
    model.model = MultimodalModel(model.model.config(), parameters);
    const auto wrong = exact_match(model, options("questions.json"));
    QCOMPARE(wrong["score"].get<double>(), 0.0);
    QCOMPARE(wrong["types"].size(), size_t{2});
  }

  void batchesDontMatter() {
    const LoadedModel model = student();
    ScoringOptions one = options("questions.json"), many = one;
    one.batch_size = 1;
    many.batch_size = 64;
    QCOMPARE(exact_match(model, one).dump(), exact_match(model, many).dump());
  }

  void faultyRowsAreNamed() {
    auto rows = nlohmann::ordered_json::array({entry("good", "0.png", "Q?", "a fox", "x"),
                                               entry("gone", "none.png", "Q?", "two", "x"),
                                               entry("outside", "../1.png", "Q?", "red", "x")});
    rows.push_back({{"id", "odd"}, {"conversations", {{{"from", "human"}, {"value", "?"}}}}});
    write_json(folder_ / "faulty.json", rows);
    const auto result = exact_match(student(), options("faulty.json"));
    QCOMPARE(result["questions"].get<int>(), 1);
    QCOMPARE(result["skipped"].size(), size_t{3});
    QCOMPARE(result["of"].get<int>(), 4);
    QCOMPARE(result["score_is"].get<std::string>(), std::string("share of the questions"));
    const std::string all = result["skipped"].dump();
    for (const char* id : {"gone", "outside", "odd"}) QVERIFY2(all.find(id) != std::string::npos, all.c_str());
  }

  void withoutAQuestionThereIsNoScore() {
    write_json(folder_ / "gone.json", nlohmann::ordered_json::array({entry("a", "none.png", "Q?", "a fox", "x"),
                                                                     entry("b", "none.png", "Q?", "a fox", "y")}));
    const auto result = exact_match(student(), options("gone.json"));
    QVERIFY(result["score"].is_null() && result["types"].empty());
    QCOMPARE(result["questions"].get<int>(), 0);
    const auto why = result["no_score"].get<std::string>();
    QVERIFY2(why.starts_with("0 of 2 questions could be asked, the first because ") && why.ends_with("."), why.c_str());
    QVERIFY2(why.find("none.png") != std::string::npos && !why.ends_with(".."), why.c_str());
  }

  void aTypeThatWasntAskedIsNamed() {
    write_json(folder_ / "half.json", nlohmann::ordered_json::array({entry("a", "0.png", "Q?", "a fox", "x"),
                                                                     entry("b", "none.png", "Q?", "a fox", "y")}));
    const auto result = exact_match(student(), options("half.json"));
    QCOMPARE(result["score_is"].get<std::string>(), std::string("mean over 1 of 2 types"));
    QCOMPARE(result["types_not_asked"].dump(), std::string(R"(["y"])"));
    QCOMPARE(result["types"].size(), size_t{1});
  }

  void canBeStopped() {
    std::vector<int64_t> seen;
    const auto progress = [&](int64_t done, int64_t total) {
      seen.push_back(done);
      return done < 3 && total == 4;
    };
    QVERIFY_THROWS_EXCEPTION(RunError, exact_match(student(), options("questions.json"), progress));
    QCOMPARE(seen, (std::vector<int64_t>{0, 3}));
  }

  void wrongInputIsRefused() {
    QVERIFY_THROWS_EXCEPTION(UserError, exact_match(student(), options("nowhere.json")));
    ScoringOptions how = options("questions.json");
    how.conversation_template = "none such";
    QVERIFY_THROWS_EXCEPTION(UserError, exact_match(student(), how));
  }
};

QTEST_APPLESS_MAIN(TestExactMatch)
#include "tst_exact_match.moc"
