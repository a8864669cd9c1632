// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fstream>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/project/project_file.h"
#include "core/run/run_list.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunList : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path folder() const { return m_folder.path().toStdString(); }
  fs::path project() const { return folder() / "a.kdproj"; }

  static void save(const fs::path& file, const std::string& id) {
    const Project project;
    write_file_atomically(file, project_text(project, id));
  }

  RunFolder made(const std::string& id, double started, const std::string& status, RunInfo info = {}) const {
    const RunFolder run{runs_folder(project()) / id};
    fs::create_directories(run.path);
    info.started = started;
    info.status = status;
    if (info.project_file.empty()) info.project_file = project().string();
    write_run_info(run, info);
    return run;
  }

  std::string refusal(const std::string& id = {}) const {
    try {
      return "took " + find_run(project(), id).id();
    } catch (const UserError& error) {
      return error.what();
    }
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(folder());
    save(project(), "aaaaaaaaaaaa");
  }

  void runsAreListedNewestFirst() {
    made("old", 1, "finished");
    made("new", 2, "finished");
    fs::create_directories(runs_folder(project()) / "without-description");
    const auto runs = list_runs(project());
    QCOMPARE(runs.size(), size_t{2});
    QCOMPARE(runs[0].id(), "new");
    QCOMPARE(find_run(project()).id(), "new");
    QCOMPARE(find_run(project(), "old").id(), "old");
    QVERIFY(refusal("none").find("there are new, old") != std::string::npos);
    fs::remove_all(runs_folder(project()));
    QVERIFY(refusal().find("has no run yet") != std::string::npos);
  }

  void ofManyRunsFiveAreNamed() {
    for (int i = 0; i < 7; ++i) made("r" + std::to_string(i), i, "stopped");
    QVERIFY(refusal("none").find("r6, r5, r4, r3, r2 and 2 more") != std::string::npos);
  }

  void anUnfinishedRunComesBeforeAFinishedOne() {
    made("stopped", 1, "stopped");
    made("finished", 2, "finished");
    QCOMPARE(find_run(project()).id(), "stopped");
    made("killed", 3, "running");
    QCOMPARE(find_run(project()).id(), "killed");
  }

  void anAblationKeepsItsRuns() {
    made("mine", 1, "running");
    RunInfo info;
    info.kind = RunKind::ablate;
    made("ablate-DPT-s0", 2, "stopped", info);
    QCOMPARE(find_run(project()).id(), "mine");
    QCOMPARE(list_runs(project()).size(), size_t{1});
    QVERIFY(refusal("ablate-DPT-s0").find("belongs to an ablation") != std::string::npos);
    // Of earlier versions only the name tells.
    std::ofstream(RunFolder{runs_folder(project()) / "ablate-DPT-s0"}.info()) << R"({"started": 3})";
    QCOMPARE(find_run(project()).id(), "mine");
  }

  void anotherProjectsRunIsListedButNeverGoneOnWith() {
    RunInfo info;
    info.project_id = "bbbbbbbbbbbb";
    info.project_file = (folder() / "b.kdproj").string();
    made("theirs", 5, "stopped", info);
    QVERIFY(refusal().find("no run yet (theirs next to it belongs to b.kdproj)") != std::string::npos);
    QVERIFY(refusal("theirs").find("belongs to another project, b.kdproj") != std::string::npos);
    info.project_id = "aaaaaaaaaaaa";
    info.project_file = project().string();
    made("ours", 4, "stopped", info);
    QCOMPARE(find_run(project()).id(), "ours");
    const auto all = all_runs(project());
    QCOMPARE(all.size(), size_t{2});
    QVERIFY(!all[0].belongs && all[1].belongs);
    QCOMPARE(all[0].owner, "b.kdproj");
  }

  /// By the file's name, as far as that file is there.
  void runsWithoutAProjectIdBelongToTheFileThatTheyName() {
    RunInfo info;
    info.project_file = "/elsewhere/b.kdproj";
    made("run", 1, "stopped", info);
    QVERIFY(all_runs(project())[0].belongs);  // b.kdproj was renamed
    save(folder() / "b.kdproj", "");
    QVERIFY(!all_runs(project())[0].belongs);
    QVERIFY(all_runs(folder() / "b.kdproj")[0].belongs);
  }

  void aRenamedProjectKeepsItsRunsAndACopyOfItsFileGetsNone() {
    RunInfo info;
    info.project_id = "aaaaaaaaaaaa";
    made("run", 1, "stopped", info);
    fs::copy_file(project(), folder() / "copy.kdproj");
    QVERIFY(!all_runs(folder() / "copy.kdproj")[0].belongs);
    fs::remove(project());
    QVERIFY(all_runs(folder() / "copy.kdproj")[0].belongs);
  }

  /// An older run isn't taken in its place without a word.
  void aDamagedDescriptionIsTold() {
    made("old", 1, "stopped");
    fs::create_directories(runs_folder(project()) / "broken");
    std::ofstream(runs_folder(project()) / "broken" / "run.json") << "{";
    QVERIFY(refusal().find("broken") != std::string::npos);
    QVERIFY(refusal().find("there is old") != std::string::npos);
    QVERIFY(refusal("broken").find("run.json") != std::string::npos);
    QCOMPARE(find_run(project(), "old").id(), "old");
    made("new", 4e9, "stopped");  // newer than what is broken
    QCOMPARE(find_run(project()).id(), "new");
  }
};

QTEST_APPLESS_MAIN(TestRunList)
#include "tst_run_list.moc"
