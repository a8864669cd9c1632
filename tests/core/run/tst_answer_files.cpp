// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/run/answer_files.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestAnswerFiles : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  Project project_;
  fs::path folder() const { return dir_.path().toStdString(); }
  fs::path project_file() const { return folder() / "p.kdproj"; }
  RunFolder run(const char* id) const { return {folder() / "runs" / id}; }
  EvaluationOptions evaluation() const { return {.task = "exact_match", .file = "q.json", .images = "pictures"}; }
  AskedModel teacher() const { return asked_teacher(project_, project_file(), evaluation()); }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder() / "runs");
    fs::create_directories(folder() / "teacher");
    write_json(folder() / "teacher" / "config.json", {{"a", 1}});
    write_json(folder() / "q.json", nlohmann::ordered_json::array({1}));
    project_ = {};
    project_.teacher.checkpoint = "teacher";
  }

  void pathsStartFromTheProject() {
    QCOMPARE(teacher().model, folder() / "teacher");
    QCOMPARE(fs::path(teacher().evaluation.images), folder() / "pictures");
    fs::create_directories(run("one").checkpoints() / "DFT-40" / "model");
    write_json(run("one").checkpoints() / "DFT-40" / "state.json", {{"step", 40}});
    write_json(run("one").checkpoints() / "DFT-40" / "model" / "config.json", {{"a", 1}});
    const AskedModel student =
        asked_student(project_, project_file(), evaluation(), run("one").checkpoints() / "DFT-40");
    QCOMPARE(student.who, std::string("DFT-40"));
    QCOMPARE(student.model, run("one").checkpoints() / "DFT-40" / "model");
    QCOMPARE(answers_path(run("one"), student).parent_path(), run("one").path / "answers" / "DFT-40");
    QVERIFY(answers_path(run("one"), student).filename().string().starts_with("q-"));
  }

  /// Whatever an answer depends on makes another file.
  void theNameTellsWhatAnswersDependOn() {
    const fs::path before = answers_path(run("one"), teacher());
    QCOMPARE(answers_path(run("one"), teacher()), before);
    project_.max_length = 77;
    const fs::path shorter = answers_path(run("one"), teacher());
    QVERIFY(shorter != before);
    project_ = {};
    project_.teacher.checkpoint = "teacher";
    write_json(folder() / "q.json", nlohmann::ordered_json::array({2}));
    QVERIFY(answers_path(run("one"), teacher()) != before);
    write_json(folder() / "q.json", nlohmann::ordered_json::array({1}));
    QCOMPARE(answers_path(run("one"), teacher()), before);
    write_json(folder() / "teacher" / "model.json", {{"b", 1}});
    QVERIFY(answers_path(run("one"), teacher()) != before);
    QVERIFY(picture_map_path(run("one"), teacher()).string().ends_with(".map.json"));
  }

  /// The teacher is the same for all runs, a checkpoint isn't.
  void aTeachersAnswersAreFoundInOtherRuns() {
    QVERIFY(!kept_answers_path(run("two"), teacher()));
    const fs::path kept = answers_path(run("one"), teacher());
    fs::create_directories(kept.parent_path());
    write_json(kept, {});
    QCOMPARE(kept_answers_path(run("two"), teacher()).value_or(""), kept);
    AskedModel student = teacher();
    student.who = "DFT-40";
    fs::create_directories(answers_path(run("one"), student).parent_path());
    write_json(answers_path(run("one"), student), {});
    QVERIFY(kept_answers_path(run("one"), student) && !kept_answers_path(run("two"), student));
  }

  void whatIsMissingIsTold() {
    project_.teacher.checkpoint.clear();
    QVERIFY_THROWS_EXCEPTION(UserError, teacher());
    project_.teacher.checkpoint = "teacher";
    fs::remove(folder() / "q.json");
    QVERIFY_THROWS_EXCEPTION(UserError, answers_path(run("one"), teacher()));
  }
};

QTEST_APPLESS_MAIN(TestAnswerFiles)
#include "tst_answer_files.moc"
