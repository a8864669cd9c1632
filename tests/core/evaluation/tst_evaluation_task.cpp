// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <set>

#include "core/base/errors.h"
#include "core/evaluation/evaluation_task.h"
#include "core/project/catalog.h"
#include "tests/core/evaluation/known_answers.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestEvaluationTask : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    write_tiny_project(folder_);
  }

  void theCatalogNamesTheSameTasks() {
    std::multiset<std::string_view> known, offered;
    for (const EvaluationTask& task : evaluation_tasks()) known.insert(task.name);
    for (const CatalogEntry& entry : catalog::evaluation_tasks()) offered.insert(entry.name);
    QVERIFY(known == offered && !known.empty());
  }

  /// Whatever the task, its result says who scored and how, and is there in events and files.
  void everyTaskScoresAndSaysHow() {
    const LoadedModel model = fox_model(folder_ / "student");
    for (const EvaluationTask& task : evaluation_tasks()) {
      const std::string name(task.name);
      const TaskResult result = score(model, name, tiny_scoring(folder_, "questions.json"));
      QCOMPARE(result.scorer, name);
      QCOMPARE(result.settings.file, (folder_ / "questions.json").string());
      QCOMPARE(result.settings.conversation_template, std::string("no_system"));
      QCOMPARE(result.settings.max_length, 80);
      QVERIFY(!result.settings.aspect_ratio.empty());
      QCOMPARE(result.n, 4);
      QVERIFY(result.score && *result.score >= 0 && *result.score <= 100 && !result.score_is.empty());
      QVERIFY(!result.breakdown.by.empty());
    }
  }

  void anotherTaskIsRefused() {
    const LoadedModel model = load_model(folder_ / "student");
    QVERIFY_THROWS_EXCEPTION(UserError, score(model, "rouge", tiny_scoring(folder_, "questions.json")));
  }
};

QTEST_APPLESS_MAIN(TestEvaluationTask)
#include "tst_evaluation_task.moc"
