// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/questions.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestQuestions : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

  LoadedModel student() const { return load_model(folder_ / "student"); }
  ScoringOptions options(const char* file) const { return tiny_scoring(folder_, file); }

  /// Every answer is right.
  TaskResult all_right(const char* file, const ScoringProgress& progress = {}) const {
    return score_accuracy(student(), options(file), progress, [](const std::vector<TaskQuestion>& questions) {
      return std::vector<bool>(questions.size(), true);
    });
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  void questionsComeInBatchesWithTheirFeatures() {
    std::vector<size_t> batches;
    std::string ids;
    const LoadedModel model = student();
    const AskedQuestions asked =
        ask_questions(model, options("questions.json"), {}, [&](const std::vector<TaskQuestion>& questions) {
          batches.push_back(questions.size());
          for (const TaskQuestion& question : questions) {
            ids += question.sample->id + " ";
            QCOMPARE(question.sequence.id, question.sample->id);
            QVERIFY(question.features.defined() && question.features.size(0) == 1);
          }
        });
    QCOMPARE(batches, (std::vector<size_t>{3, 1}));
    QCOMPARE(ids, std::string("s0 s1 s2 s3 "));
    QCOMPARE(asked.result.n, 4);
    QVERIFY(asked.types == (std::set<std::string>{"even", "odd"}) && !asked.result.score);
  }

  void greedyAnswersAreTextWithoutTheirEnd() {
    const LoadedModel model = fox_model(folder_ / "student");
    std::vector<std::string> whole, cut;
    const auto how = options("questions.json");
    ask_questions(model, how, {}, [&](const std::vector<TaskQuestion>& questions) {
      whole.push_back(greedy_answer(model, how, questions.front(), 12));
      cut.push_back(greedy_answer(model, how, questions.front(), 3));
      QCOMPARE(greedy_answers_match(model.model, questions), std::vector<bool>(questions.size(), false));
    });
    QCOMPARE(whole, (std::vector<std::string>{"fox", "fox"}));
    QCOMPARE(cut, (std::vector<std::string>{"fo", "fo"}));  // the space counts
  }

  void faultyRowsAreNamed() {
    auto rows = nlohmann::ordered_json::array({question_row("good", "0.png", "Q?", "a fox", "x"),
                                               question_row("gone", "none.png", "Q?", "two", "x"),
                                               question_row("outside", "../1.png", "Q?", "red", "x")});
    rows.push_back({{"id", "odd"}, {"conversations", {{{"from", "human"}, {"value", "?"}}}}});
    write_json(folder_ / "faulty.json", rows);
    const TaskResult result = all_right("faulty.json");
    QCOMPARE(result.n, 1);
    QCOMPARE(result.score.value(), 100.0);
    QCOMPARE(result.skipped.size(), size_t{3});
    QCOMPARE(result.score_is, std::string("share of the questions"));
    const std::string all = nlohmann::ordered_json(result.skipped).dump();
    for (const char* id : {"gone", "outside", "odd"}) QVERIFY2(all.find(id) != std::string::npos, all.c_str());
  }

  void withoutAQuestionThereIsNoScore() {
    write_json(folder_ / "gone.json",
               nlohmann::ordered_json::array({question_row("a", "none.png", "Q?", "a fox", "x"),
                                              question_row("b", "none.png", "Q?", "a fox", "y")}));
    const TaskResult result = all_right("gone.json");
    QVERIFY(!result.score);
    QCOMPARE(result.n, 0);
    const std::string& why = result.no_score;
    QVERIFY2(why.starts_with("0 of 2 questions could be asked, the first because ") && why.ends_with("."), why.c_str());
    QVERIFY2(why.find("none.png") != std::string::npos && !why.ends_with(".."), why.c_str());
  }

  void aTypeThatWasntAskedIsNamed() {
    write_json(folder_ / "half.json",
               nlohmann::ordered_json::array({question_row("a", "0.png", "Q?", "a fox", "x"),
                                              question_row("b", "none.png", "Q?", "a fox", "y")}));
    const TaskResult result = all_right("half.json");
    QCOMPARE(result.score_is, std::string("mean over 1 of 2 types"));
    QCOMPARE(result.score.value(), 100.0);
    QCOMPARE(to_json(result)["types_not_asked"].dump(), std::string(R"(["y"])"));
    QCOMPARE(to_json(result)["types"].dump(), std::string(R"({"x":100.0})"));
  }

  void canBeStopped() {
    std::vector<int64_t> seen;
    const auto progress = [&](int64_t done, int64_t total) {
      seen.push_back(done);
      return done < 3 && total == 4;
    };
    QVERIFY_THROWS_EXCEPTION(RunError, all_right("questions.json", progress));
    QCOMPARE(seen, (std::vector<int64_t>{0, 3}));
  }

  void wrongInputIsRefused() {
    QVERIFY_THROWS_EXCEPTION(UserError, all_right("nowhere.json"));
    ScoringOptions how = options("questions.json");
    how.conversation_template = "none such";
    QVERIFY_THROWS_EXCEPTION(UserError, ask_questions(student(), how, {}, [](const std::vector<TaskQuestion>&) {}));
  }
};

QTEST_APPLESS_MAIN(TestQuestions)
#include "tst_questions.moc"
