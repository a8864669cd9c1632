// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/evaluation/evaluation_task.h"
#include "core/evaluation/exact_match.h"
#include "core/project/catalog.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestEvaluationTask : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

  ScoringOptions questions() const {
    return {.file = folder_ / "questions.json",
            .images = folder_ / "images",
            .conversation_template = "no_system",
            .max_length = 80};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  void theCatalogNamesTheSameTasks() {
    std::vector<std::string_view> known, offered;
    for (const EvaluationTask& task : evaluation_tasks()) known.push_back(task.name);
    for (const CatalogEntry& entry : catalog::evaluation_tasks()) offered.push_back(entry.name);
    QCOMPARE(known, offered);
  }

  void theNamedTaskScores() {
    const LoadedModel model = load_model(folder_ / "student");
    nlohmann::ordered_json result = score(model, "exact_match", questions());
    QCOMPARE(result["task"].get<std::string>(), std::string("exact_match"));
    QCOMPARE(result["file"].get<std::string>(), (folder_ / "questions.json").string());
    result.erase("task");
    result.erase("file");
    QVERIFY(result == exact_match(model, questions()));
  }

  void anotherTaskIsRefused() {
    const LoadedModel model = load_model(folder_ / "student");
    QVERIFY_THROWS_EXCEPTION(UserError, score(model, "rouge", questions()));
  }

  void aResultInWords_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("text");
    QTest::newRow("mean")
        << R"({"task":"exact_match","score":71.2,"score_is":"mean over 3 types","questions":60,"of":60})"
        << "exact_match: 71.20 % (mean over 3 types), 60 questions";
    QTest::newRow("some left out")
        << R"({"task":"t","score":0,"score_is":"share of the questions","questions":3,"of":4})"
        << "t: 0.00 % (share of the questions), 3 of 4 questions";
    QTest::newRow("none") << R"({"task":"t","score":null,"no_score":"0 of 4 questions could be asked."})"
                          << "t: no score: 0 of 4 questions could be asked.";
    QTest::newRow("of an older version") << R"({"task":"t","score":50.5,"questions":2})"
                                         << "t: 50.50 %, 2 questions";
  }
  void aResultInWords() {
    QFETCH(const QString, json);
    QFETCH(const QString, text);
    QCOMPARE(QString::fromStdString(score_text(nlohmann::ordered_json::parse(json.toStdString()))), text);
  }
};

QTEST_APPLESS_MAIN(TestEvaluationTask)
#include "tst_evaluation_task.moc"
