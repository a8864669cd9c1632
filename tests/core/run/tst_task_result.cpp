// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/run/task_result.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

class TestTaskResult : public QObject {
  Q_OBJECT

  static std::string text_of(const char* json) { return score_text(task_result_from_json(Json::parse(json))); }

 private Q_SLOTS:
  void theRecordKeepsItsKeys() {
    const TaskResult result{.score = 62.5,
                            .score_is = "mean over 2 of 3 types",
                            .n = 4,
                            .breakdown = {.parts = {{"a", 100.0}, {"b", std::nullopt}, {"c", 25.0}}},
                            .skipped = {"r1: no picture"},
                            .scorer = "some_task",
                            .settings = {"q.json", "qwen2_base", "pad", 2048}};
    QCOMPARE(to_json(result).dump(),
             std::string(R"({"task":"some_task","file":"q.json","score":62.5,"score_is":"mean over 2 of 3 types",)"
                         R"("breakdown":"types","types":{"a":100.0,"c":25.0},"types_not_asked":["b"],"questions":4,)"
                         R"("of":5,"skipped":["r1: no picture"],"settings":{"conversation_template":"qwen2_base",)"
                         R"("aspect_ratio":"pad","max_length":2048}})"));
    QCOMPARE(to_json(task_result_from_json(to_json(result))).dump(), to_json(result).dump());
  }

  /// What isn't counted by type has its own key.
  void otherBreakdownsHaveTheirOwnName() {
    const TaskResult result{.score = 50, .score_is = "F1", .n = 2, .breakdown = {"metrics", {{"recall", 50.0}}}};
    const Json json = to_json(result);
    QVERIFY(!json.contains("types") && json["metrics"]["recall"] == 50.0);
    const TaskResult read = task_result_from_json(json);
    QCOMPARE(read.breakdown.by, std::string("metrics"));
    QCOMPARE(read.breakdown.parts.size(), size_t{1});
  }

  void withoutAScoreThereIsAReason() {
    const Json json = to_json(TaskResult{.no_score = "0 of 2 questions could be asked."});
    QVERIFY(json["score"].is_null() && !json.contains("score_is"));
    QCOMPARE(task_result_from_json(json).no_score, std::string("0 of 2 questions could be asked."));
  }

  /// Records of older versions, and what nobody wrote.
  void whatIsMissingIsLeftOut() {
    QVERIFY(!task_result_from_json(Json::parse(R"({"score": 0, "questions": 0})")).score);
    const TaskResult old =
        task_result_from_json(Json::parse(R"({"score": 50, "types": {"a": 40, "b": 60}, "questions": 4})"));
    QCOMPARE(old.score.value(), 50.0);
    QCOMPARE(old.score_is, std::string("mean over 2 types"));
    for (const char* json :
         {"null", "[]", "7", R"({"task": 7, "types": "x", "score": "much", "skipped": 3, "settings": []})",
          R"({"breakdown": "score", "score": null, "skipped": [1], "types_not_asked": {"a": 1}})"}) {
      const TaskResult result = task_result_from_json(Json::parse(json));
      QVERIFY(!result.score && result.breakdown.parts.empty() && result.skipped.empty() && result.n == 0);
    }
  }

  void aResultInWords_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("text");
    QTest::newRow("mean") << R"({"task":"t","score":71.2,"score_is":"mean over 3 types","questions":60,"of":60})"
                          << "t: 71.20 % (mean over 3 types), 60 questions";
    QTest::newRow("some left out")
        << R"({"task":"t","score":0,"score_is":"share of the questions","questions":3,"of":4,"skipped":["a"]})"
        << "t: 0.00 % (share of the questions), 3 of 4 questions";
    QTest::newRow("none") << R"({"task":"t","score":null,"no_score":"0 of 4 questions could be asked."})"
                          << "t: no score: 0 of 4 questions could be asked.";
    QTest::newRow("of an older version") << R"({"task":"t","score":50.5,"questions":2})"
                                         << "t: 50.50 %, 2 questions";
  }
  void aResultInWords() {
    QFETCH(const QString, json);
    QFETCH(const QString, text);
    QCOMPARE(QString::fromStdString(text_of(json.toUtf8().constData())), text);
  }
};

QTEST_APPLESS_MAIN(TestTaskResult)
#include "tst_task_result.moc"
