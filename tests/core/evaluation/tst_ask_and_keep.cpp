// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/answer.h"
#include "core/evaluation/ask_and_keep.h"
#include "core/evaluation/questions.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

/// Answers that an evaluation keeps, of a model that says "fox" to everything.
class TestAskAndKeep : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;
  Project project_;

  ScoreWithAnswers scored(const char* file, int64_t most = 128) const {
    ScoringOptions options = tiny_scoring(folder_, file);
    options.max_new_tokens = most;
    return score_with_answers(fox_model(folder_ / "student"), "exact_match", options);
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_tiny_project(folder_);
    auto rows = nlohmann::ordered_json::array();
    for (const char* expected : {"fox", "ox", "foxy"})
      rows.push_back(question_row(fmt::format("r{}", rows.size()), "0.png", "Q?", expected, "a"));
    rows.push_back(question_row("r3", "1.png", "Q?", "fox", "b"));
    write_json(folder_ / "known.json", rows);
  }

  void everyAnswerIsKept() {
    const auto [result, set] = scored("known.json");
    QCOMPARE(part_of_score(result, "a"), 100.0 / 3);
    QVERIFY(set.task == "exact_match" && set.file == folder_ / "known.json" && set.images == folder_ / "images");
    QCOMPARE(set.answers.size(), 4UL);
    const bool right[] = {true, false, false, true};
    for (size_t i = 0; i < 4; ++i) {
      const KeptAnswer& kept = set.answers[i];
      QCOMPARE(kept.right, right[i]);
      QCOMPARE(kept.answer, std::string("fox"));
      QCOMPARE(kept.question, std::string("Q?"));
      QVERIFY(kept.id == fmt::format("r{}", i) && !kept.cut && kept.turns == 1);
    }
    QCOMPARE(set.answers[1].reference, std::string("ox"));
    QCOMPARE(set.answers[3].type, std::string("b"));
    QCOMPARE(set.answers[3].images, std::vector<std::string>{"1.png"});
  }

  void aScoreIsTheSameWithAndWithout() {
    const TaskResult alone = score(fox_model(folder_ / "student"), "exact_match", tiny_scoring(folder_, "known.json"));
    QCOMPARE(to_json(scored("known.json").result).dump(), to_json(alone).dump());
  }

  void cutAnswersSaySo() {
    const auto set = scored("known.json", 2).answers;
    QVERIFY(set.answers[1].cut);
    QCOMPARE(set.answers[1].answer, std::string("f"));  // " f" without its space
    QVERIFY(!set.answers[0].cut && set.answers[0].answer == "fox");
  }

  /// A row is right as a whole; what is kept is its first question, with its pictures.
  void rowsOfSeveralTurnsSaySo() {
    auto row = question_row("long", "0.png", "Q?", "fox", "a");
    row["conversations"].push_back({{"from", "human"}, {"value", "And?"}});
    row["conversations"].push_back({{"from", "gpt"}, {"value", "no"}});
    auto behind = question_row("behind", "1.png", "", "fox", "a");
    behind["conversations"][0]["value"] = "What is it?\n<image>";
    write_json(folder_ / "turns.json", nlohmann::ordered_json::array({row, behind}));
    const auto set = scored("turns.json").answers;
    const KeptAnswer& kept = set.answers[0];
    QVERIFY(kept.turns == 2 && !kept.right && kept.question == "Q?" && kept.reference == "fox");
    QCOMPARE(kept.answer, std::string("fox"));
    QCOMPARE(kept.images.size(), 1UL);
    QCOMPARE(set.answers[1].question, std::string("What is it?"));
  }

  /// A task of other rules: answers are decoded, right ones too.
  void aTasksOwnRightAnswersAreDecoded() {
    std::vector<KeptAnswer> kept;
    const LoadedModel model = fox_model(folder_ / "student");
    ScoringOptions options = tiny_scoring(folder_, "known.json");
    options.keep_answer = [&](KeptAnswer one) {
      kept.push_back(std::move(one));
    };
    score_accuracy(model, options, {}, [](const std::vector<TaskQuestion>& questions) {
      return std::vector<bool>(questions.size(), true);
    });
    QVERIFY(kept.size() == 4 && kept[1].right);
    QCOMPARE(kept[1].answer, std::string("fox"));  // not "ox", which was expected
  }

  void aRunKeepsThemAndAsksOnce() {
    const RunFolder run{folder_ / "runs" / "one"};
    const AskedModel asked = asked_teacher(project_, folder_ / "p.kdproj",
                                           {.task = "exact_match", .file = "known.json", .images = "images"});
    int told = 0;
    const auto count = [&](const std::string& who, int64_t done, int64_t total) {
      ++told;
      return who == "teacher" && done <= total && total == 4;
    };
    const fs::path file = ask_and_keep(run, asked, count);
    QVERIFY(told > 0);
    QCOMPARE(file, answers_path(run, asked));
    const AnswerSet set = read_answers(file);
    QCOMPARE(set.answers.size(), 4UL);
    const LoadedModel teacher = load_model(folder_ / "teacher");
    const Question question{folder_ / "images" / "0.png", "Q?", "no_system", {}};
    QCOMPARE(set.answers[1].answer, answer(teacher, question, 128).text);
    told = 0;
    QCOMPARE(ask_and_keep(run, asked, count), file);
    QCOMPARE(told, 0);
  }

  void whatIsStoppedLeavesNothing() {
    const RunFolder run{folder_ / "runs" / "two"};
    const AskedModel asked =
        asked_student(project_, folder_ / "p.kdproj", {.task = "exact_match", .file = "known.json", .images = "images"},
                      folder_ / "student");
    QVERIFY_THROWS_EXCEPTION(RunError, ask_and_keep(run, asked, [](const auto&, int64_t, int64_t) { return false; }));
    QVERIFY(!kept_answers_path(run, asked));
    QVERIFY(fs::is_empty(run.answers() / "student"));
  }
};

QTEST_APPLESS_MAIN(TestAskAndKeep)
#include "tst_ask_and_keep.moc"
