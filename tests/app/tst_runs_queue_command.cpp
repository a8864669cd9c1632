// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "core/run/queue_runner.h"
#include "core/run/run_folder.h"
#include "tests/app/engine.h"

using namespace llavakd;

class TestRunsQueueCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;

  static Outcome queue(const QStringList& arguments) { return run_engine(QStringList{"runs", "queue"} + arguments); }
  static Json list() { return queue({"--json"}).json(); }
  Outcome add(const QStringList& arguments) const { return queue(QStringList{"add", text(file_)} + arguments); }
  RunInfo info(const char* run) const { return read_run_info({runs_folder(file_) / run}); }

 private Q_SLOTS:
  void initTestCase() {
    const fs::path folder = dir_.path().toStdString();
    file_ = write_small_project(folder / "project");
    qputenv("XDG_STATE_HOME", QByteArray::fromStdString((folder / "state").string()));
  }
  void init() { fs::remove_all(run_queue_folder()); }

  void listsAddsAndRemoves() {
    QVERIFY(queue({}).out.contains("Nothing waits."));
    QCOMPARE(add({"--run", "one", "--set", "run.seed=7"}).code, 0);
    QCOMPARE(add({"--run", "two"}).code, 0);
    const Json waiting = list()["waiting"];
    QCOMPARE(waiting.size(), size_t{2});
    QCOMPARE(waiting[0]["run"].get<std::string>(), std::string("one"));
    QCOMPARE(fs::path(waiting[1]["project_file"].get<std::string>()).filename(), file_.filename());
    const Outcome table = queue({});
    QVERIFY2(table.code == 0 && table.out.contains("small") && table.out.contains("two"), table.out);
    QVERIFY(read_run_queue(run_queue_folder()).waiting[0].project.find("\"seed\": 7") != std::string::npos);
    QCOMPARE(queue({"remove", "1"}).code, 0);
    QCOMPARE(queue({"remove", QString::fromStdString(waiting[1]["id"].get<std::string>())}).code, 0);
    QVERIFY(list()["waiting"].empty());
    QCOMPARE(queue({"remove", "1"}).code, 2);
    QCOMPARE(add({"--run", "no/name"}).code, 2);
    QCOMPARE(queue({"add", "none.kdproj"}).code, 2);
    QVERIFY(list()["waiting"].empty());
  }

  void addsARunForEachArm() {
    QCOMPARE(add({"--arms", "DPT-SFT,DPT", "--run", "both"}).code, 2);
    QCOMPARE(add({"--arms", "DPT-SFT,DPT", "--seeds", "0,1"}).code, 0);
    const Json waiting = list()["waiting"];
    QCOMPARE(waiting.size(), size_t{4});
    QCOMPARE(waiting[2]["project_name"].get<std::string>(), std::string("small DPT s0"));
  }

  /// Two entries of a project are told apart by what was changed of it.
  void saysWhatIsChanged() {
    QCOMPARE(add({"--set", "run.seed=7"}).code, 0);
    QCOMPARE(add({}).code, 0);
    const Json waiting = list()["waiting"];
    QCOMPARE(waiting[0]["changes"].dump(), std::string("{\"run.seed\":7}"));
    QVERIFY(waiting[1]["changes"].empty());
    const QByteArray table = queue({}).out;
    QVERIFY2(table.count("run.seed=7") == 1 && table.contains(file_.string().c_str()), table);
  }

  void pathsThatCantBeKeptAreRefused() {
    const fs::path folder = fs::path(dir_.path().toStdString()) / "weird\xff";
    fs::create_directories(folder);
    fs::copy_file(file_, folder / "p.kdproj", fs::copy_options::overwrite_existing);
    QProcess process;  // QString can't name it
    process.start(
        "sh", {"-c", QStringLiteral("exec \"$0\" runs queue add \"$1\"/weird*/p.kdproj"), engine_path(), dir_.path()});
    QVERIFY(process.waitForFinished(20'000));
    fs::remove_all(folder);
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(process.exitCode() == 2 && said.contains("UTF-8") && said.contains("weird\\xff"), said);
    QVERIFY(list()["waiting"].empty());
  }

  void aFolderThatCantBeMadeIsSaid() {
    const fs::path state = fs::path(dir_.path().toStdString()) / "a file";
    std::ofstream(state) << "in the way";
    const QByteArray before = qgetenv("XDG_STATE_HOME");
    qputenv("XDG_STATE_HOME", QByteArray::fromStdString(state.string()));
    const Outcome run = queue({"run"});
    qputenv("XDG_STATE_HOME", before);
    QVERIFY2(run.code == 2 && run.err.contains("a file") && !run.err.contains("already"), run.err);
  }

  void addingToAHeldQueueSaysSo() {
    const Outcome held = queue({"hold"});
    QVERIFY2(held.code == 0 && held.out.contains("Held") && held.out.contains("--off"), held.out);
    const Outcome added = add({});
    QVERIFY2(added.out.contains("Held") && added.out.contains("runs queue run"), added.out);
    QVERIFY(queue({"hold", "--off"}).out.contains("No longer held"));
  }

  void isHeldOnRequest() {
    QCOMPARE(queue({"hold"}).code, 0);
    QVERIFY(list()["held"].get<bool>());
    QCOMPARE(queue({"hold", "--off"}).code, 0);
    QVERIFY(!list()["held"].get<bool>());
  }

  /// Each with the options that it had when it was added; what is refused stays, with the reason.
  void runsOneAfterTheOther() {
    QCOMPARE(add({"--arms", "DPT", "--run", "one"}).code, 0);
    QCOMPARE(add({"--arms", "DPT", "--run", "bad", "--set", "stages.DPT.data=missing.json"}).code, 0);
    QCOMPARE(add({"--arms", "DPT", "--run", "two", "--set", "run.seed=3"}).code, 0);
    const Outcome run = queue({"run"});
    QVERIFY2(run.code == 1, run.err);
    QCOMPARE(info("one").status, std::string("finished"));
    QCOMPARE(info("two").status, std::string("finished"));
    QCOMPARE(info("two").project["run"]["seed"].get<int>(), 3);
    QVERIFY(info("one").started <= info("two").started);
    const Json left = list();
    QVERIFY(left["started"].is_null());
    QCOMPARE(left["waiting"].size(), size_t{1});
    QCOMPARE(left["waiting"][0]["run"].get<std::string>(), std::string("bad"));
    QVERIFY(left["waiting"][0]["fault"].get<std::string>().find("exit code 2") != std::string::npos);
    QVERIFY(!fs::exists(runs_folder(file_) / "bad" / "run.json"));
  }

  void oneStartsThem() {
    const auto runner = QueueRunner::take(run_queue_folder());
    QVERIFY(runner);
    const Outcome refused = queue({"run"});
    QVERIFY2(refused.code == 2 && refused.err.contains("already"), refused.err);
  }
};

QTEST_GUILESS_MAIN(TestRunsQueueCommand)
#include "tst_runs_queue_command.moc"
