// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// `llavakd eval --answers` and `llavakd failures`.
class TestFailuresCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;

  fs::path file(const char* name) const { return folder_ / name; }
  static std::string answer_line(const char* id, const char* type, bool right) {
    const Json line = {{"id", id},          {"question", "Which?"}, {"type", type},
                       {"image", "1.png"},  {"reference", "red"},   {"answer", right ? "red" : "blue"},
                       {"right", right},    {"model", "/m"},        {"task", "exact_match"},
                       {"file", "/q.json"}, {"images", "/pictures"}};
    return line.dump() + "\n";
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_ / "small");
    std::string teacher, student;
    const bool right[][2] = {{true, true}, {true, false}, {true, false}, {false, true}, {false, false}};
    for (int i = 0; i < 5; ++i) {
      teacher += answer_line(fmt::format("q{}", i).c_str(), i < 3 ? "a" : "b", right[i][0]);
      student += answer_line(fmt::format("q{}", i).c_str(), i < 3 ? "a" : "b", right[i][1]);
    }
    write_file_atomically(file("teacher.jsonl"), teacher);
    write_file_atomically(file("student.jsonl"), student);
    write_file_atomically(file("fewer.jsonl"), student.substr(0, student.find("{\"id\":\"q4\"")));
  }

  void twoFilesAreCompared() {
    const Outcome shown = run_engine({"failures", text(file("teacher.jsonl")), text(file("student.jsonl"))});
    QVERIFY2(shown.code == 0, shown.err);
    QVERIFY2(shown.out.contains("5 questions, exact_match") && shown.out.contains("teacher_right_student_wrong"),
             shown.out);
    const Json json =
        run_engine({"failures", text(file("teacher.jsonl")), text(file("student.jsonl")), "--json"}).json();
    QCOMPARE(json["all"]["teacher_right_student_wrong"]["count"].get<int>(), 2);
    QCOMPARE(json["types"]["b"]["both_wrong"]["count"].get<int>(), 1);
    QCOMPARE(json["all"]["mcnemar_p"].get<double>(), 1.0);
  }

  void otherQuestionsAreNamed() {
    const QStringList arguments{"failures", text(file("teacher.jsonl")), text(file("fewer.jsonl")), "--json"};
    const Outcome refused = run_engine(arguments);
    QVERIFY2(refused.code == 2 && refused.err.contains("1 question of the teacher alone: q4."), refused.err);
    const Outcome common = run_engine(arguments + QStringList{"--common"});
    QVERIFY2(common.code == 0 && common.err.contains("q4"), common.err);
    QCOMPARE(common.json()["all"]["questions"].get<int>(), 4);
  }

  void aGroupBecomesData() {
    const QStringList arguments{"failures", text(file("teacher.jsonl")), text(file("student.jsonl")), "--write-data",
                                text(file("more.json"))};
    const Outcome written = run_engine(arguments);
    QVERIFY2(written.code == 0 && written.err.contains("2 sample(s) written"), written.err);
    const Json data = read_json(file("more.json"));
    QVERIFY(data.size() == 2 && data[0]["id"] == "q1" && data[1]["id"] == "q2");
    QCOMPARE(data[0]["conversations"][1]["value"].get<std::string>(), std::string("red"));
    const Outcome unknown = run_engine(arguments + QStringList{"--group", "mine"});
    QVERIFY2(unknown.code == 2 && unknown.err.contains("both_wrong"), unknown.err);
  }

  void outputsNeverReplaceInputs_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("output");
    const fs::path folder = project_.parent_path(), model = folder_ / "model";
    fs::copy(models_folder() / "teacher", model);
    const QString teacher = text(file("teacher.jsonl")), student = text(file("student.jsonl")),
                  project = text(project_), questions = text(folder / "data.json"),
                  image = text(folder / "images" / "rgb.png"), weights = text(model / "model.safetensors");
    QTest::newRow("data") << QStringList{"failures", teacher, student, "--write-data", teacher} << teacher;
    QTest::newRow("map") << QStringList{"failures", teacher, student, "--map", student} << student;
    QTest::newRow("answers") << QStringList{"eval", text(model), "--file", questions, "--answers", questions}
                             << questions;
    const QStringList asked{"--image", image, "--question", "Which?"};
    QTest::newRow("look") << QStringList{"inspect", project, "--out", image} + asked << image;
    QTest::newRow("weights") << QStringList{"inspect", "--student", text(model), "--source",
                                            "logits",  "--out",     weights} +
                                    asked
                             << weights;
    QTest::newRow("words") << QStringList{"words", project, "--reference", "red", "--word", "red", "--out", image} +
                                  asked
                           << image;
  }
  void outputsNeverReplaceInputs() {
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, output);
    const std::string before = std::string(MappedFile::open(output.toStdString())->text());
    const Outcome refused = run_engine(arguments);
    QVERIFY2(refused.code == 2 && refused.err.contains("would be lost"), refused.err);
    QVERIFY(std::string(MappedFile::open(output.toStdString())->text()) == before);
  }

  void wrongInputIsTold() {
    const fs::path broken = file("broken.jsonl");
    write_file_atomically(broken, answer_line("q0", "a", true) + "{\"id\"");
    const Outcome damaged = run_engine({"failures", text(broken), text(file("student.jsonl"))});
    QVERIFY2(damaged.code == 2 && damaged.err.contains("line 2"), damaged.err);
    QCOMPARE(run_engine({"failures", text(file("teacher.jsonl"))}).code, 2);
    const Outcome untrained = run_engine({"failures", text(project_)});
    QVERIFY2(untrained.code == 2 && untrained.err.contains("train"), untrained.err);
    const Outcome no_place = run_engine({"failures", text(file("teacher.jsonl")), text(file("student.jsonl")),
                                         "--write-data", text(folder_ / "none" / "x.json")});
    QCOMPARE(no_place.code, 2);
  }

  /// The project's models are asked, once; the answers are in the run, and so are those of `eval --answers`.
  void aProjectsModelsAreAskedOnce() {
    const Outcome trained = run_engine({"train", text(project_), "--run", "one"});
    QVERIFY2(trained.code == 0, trained.err);
    const fs::path map = file("map.json");
    const QStringList arguments{"failures", text(project_), "--json", "--progress", "--map", text(map)};
    const Outcome first = run_engine(arguments);
    QVERIFY2(first.code == 0, first.err);
    QVERIFY2(first.err.contains("{\"who\":\"teacher\",\"done\":8,\"total\":8}"), first.err);
    QCOMPARE(first.json()["all"]["questions"].get<int>(), 8);
    const fs::path kept = first.json()["answers"]["student"].get<std::string>();
    QCOMPARE(kept.parent_path().parent_path(), project_.parent_path() / "runs" / "one" / "answers");
    QCOMPARE(read_json(map)["pictures"].size(), 4UL);
    const Outcome again = run_engine(arguments);
    QVERIFY2(again.code == 0 && !again.err.contains("teacher"), again.err);
    QCOMPARE(again.json()["all"].dump(), first.json()["all"].dump());

    const Outcome refused = run_engine({"eval", text(project_), "--answers", text(project_)});
    QVERIFY2(refused.code == 2 && refused.err.contains("would be lost"), refused.err);
    const Outcome evaluated = run_engine({"eval", text(project_), "--json", "--answers", text(file("own.jsonl"))});
    QVERIFY2(evaluated.code == 0, evaluated.err);
    const Outcome same =
        run_engine({"failures", QString::fromStdString(first.json()["answers"]["teacher"].get<std::string>()),
                    text(file("own.jsonl")), "--json"});
    QVERIFY2(same.code == 0, same.err);
    QCOMPARE(same.json()["all"].dump(), first.json()["all"].dump());
    int64_t right = 0;
    for (const Json& question : same.json()["questions"]) right += question["student"] == question["reference"] ? 1 : 0;
    QCOMPARE(same.json()["all"]["student"]["right"].get<int64_t>(), right);
  }
};

QTEST_GUILESS_MAIN(TestFailuresCommand)
#include "tst_failures_command.moc"
