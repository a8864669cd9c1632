// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/io/atomic_file.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/option_changes.h"
#include "core/run/run_folder.h"
#include "core/run/run_lock.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// The runs of a project: their list, their differences, what people keep with them, and deleting them.
class TestRunsCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder() const { return dir_.path().toStdString(); }
  fs::path project() const { return folder() / "a.kdproj"; }
  RunFolder run(const std::string& id) const { return {runs_folder(project()) / id}; }

  static Project with_rate(double rate) {
    Project project;
    project.name = "a";
    project.stages = {{.name = "DPT", .learning_rate = rate}};
    return project;
  }

  /// A run of ten steps with two checkpoints, a stopped one.
  void make(const std::string& id, double started, double rate, const std::string& project_id = "aaaaaaaaaaaa") const {
    const Project its = with_rate(rate);
    RunInfo info;
    info.project_id = project_id;
    info.project_file = (folder() / (project_id == "aaaaaaaaaaaa" ? "a.kdproj" : "b.kdproj")).string();
    info.status = "stopped";
    info.started = info.session = started;
    info.plan = {{"DPT", 20}};
    info.project = to_json(its);
    info.stages = {{.stage_index = 0,
                    .stage = "DPT",
                    .options = to_json(its.stages[0]),
                    .shared = shared_options(its),
                    .from_step = 0,
                    .started = started}};
    fs::create_directories(run(id).path);
    write_run_info(run(id), info);
    EventLog log(run(id).events());
    log.append({.time = started + 90,
                .stage = "DPT",
                .stage_step = 10,
                .step = 10,
                .body = StepEvent{.terms = {{"ce", 0.25}}, .total = 0.25}});
    for (const char* name : {"DPT-5", "DPT-10"}) {
      const fs::path checkpoint = run(id).checkpoints() / name;
      fs::create_directories(checkpoint / "model");
      write_file_atomically(checkpoint / "model" / "model.safetensors", std::string(1'000'000, 'w'));
      write_file_atomically(checkpoint / "optimizer.safetensors", "{}");
      write_file_atomically(checkpoint / "state.json", R"({"stage": "DPT", "stage_done": false})");
    }
  }

  Outcome runs(QStringList arguments) const {
    arguments.prepend("runs");
    return run_engine(arguments);
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(folder());
    write_file_atomically(project(), project_text(with_rate(0.001), "aaaaaaaaaaaa"));
    make("one", 1000, 0.001);
    make("two", 2000, 0.002);
    make("theirs", 3000, 0.002, "bbbbbbbbbbbb");
  }

  void theListIsATable() {
    const Outcome outcome = runs({text(project())});
    QVERIFY2(outcome.code == 0, outcome.err);
    const auto lines = outcome.lines();
    QCOMPARE(lines.size(), size_t{4});
    QVERIFY2(lines[1].startsWith("theirs") && lines[1].contains("stopped, of b.kdproj"), lines[1]);
    QVERIFY2(lines[3].startsWith("one") && lines[3].contains("DPT 10/20") && lines[3].contains("0.25"), lines[3]);
    QVERIFY2(lines[3].contains("1 min 30 s") && lines[3].contains("1.9"), lines[3]);
  }

  void theListIsOneDocument() {
    const Outcome outcome = runs({text(project()), "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json list = outcome.json();
    QCOMPARE(list.size(), size_t{3});
    QCOMPARE(list[2]["id"].get<std::string>(), std::string("one"));
    QCOMPARE(list[2]["status"].get<std::string>(), std::string("stopped"));
    QCOMPARE(list[2]["terms"]["ce"].get<double>(), 0.25);
    QCOMPARE(list[2]["planned_steps"].get<int>(), 20);
    QCOMPARE(list[2]["checkpoints"].size(), size_t{2});
    QVERIFY(list[2]["checkpoints"][1]["newest"].get<bool>());
    QVERIFY(list[2]["bytes"]["all"].get<int64_t>() > 2'000'000);
    QVERIFY(!list[0]["belongs"].get<bool>() && list[1]["belongs"].get<bool>());
  }

  void differencesAreListedAlone() {
    const Outcome outcome = runs({"diff", text(project()), "one", "two", "--json"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json options = outcome.json()["options"];
    QCOMPARE(options.size(), size_t{1});
    QCOMPARE(options[0]["option"].get<std::string>(), std::string("learning_rate"));
    QCOMPARE(options[0]["runs"][1][0]["value"].get<double>(), 0.002);
    const Outcome words = runs({"diff", text(project()), "one", "two"});
    QVERIFY2(words.out.contains("learning_rate") && !words.out.contains("weight_decay"), words.out);
    QVERIFY(runs({"diff", text(project()), "one", "two", "--all"}).out.contains("weight_decay"));
    QCOMPARE(runs({"diff", text(project()), "one"}).code, 2);
  }

  void showTellsWhatAStageWasTrainedWith() {
    RunInfo info = read_run_info(run("one"));
    StageRecord later = info.stages[0];
    later.from_step = 7;
    later.options["learning_rate"] = 0.5;
    info.stages.push_back(later);
    write_run_info(run("one"), info);
    const Outcome outcome = runs({"show", text(project()), "one"});
    QVERIFY2(outcome.out.contains("0.001, from step 7 on 0.5") && outcome.out.contains("DPT-5"), outcome.out);
  }

  void notesAreKept() {
    QCOMPARE(runs({"tag", text(project()), "one", "paper", "seed 3"}).code, 0);
    QCOMPARE(runs({"note", text(project()), "one", "The good one."}).code, 0);
    QCOMPARE(runs({"baseline", text(project()), "one"}).code, 0);
    QCOMPARE(runs({"pin", text(project()), "one", "DPT-5"}).code, 0);
    QCOMPARE(runs({"tag", text(project()), "one", "paper", "--off"}).code, 0);
    const Json one = runs({"show", text(project()), "one", "--json"}).json();
    QCOMPARE(one["tags"].dump(), std::string("[\"seed 3\"]"));
    QCOMPARE(one["notes"].get<std::string>(), std::string("The good one."));
    QVERIFY(one["baseline"].get<bool>() && one["checkpoints"][0]["pinned"].get<bool>());
    QVERIFY(runs({text(project())}).out.contains("*one"));
    QCOMPARE(runs({"tag", text(project()), "one", "a,b"}).code, 2);
    QCOMPARE(runs({"baseline", text(project())}).code, 2);
    QCOMPARE(runs({"baseline", text(project()), "--none"}).code, 0);
    const Outcome foreign = runs({"tag", text(project()), "theirs", "mine"});
    QVERIFY2(foreign.code == 2 && foreign.err.contains("b.kdproj"), foreign.err);
  }

  void nothingIsDeletedWithoutYes() {
    const Outcome asked = runs({"delete", text(project()), "one"});
    QVERIFY2(asked.code == 2 && asked.err.contains(" MiB") && asked.err.contains("--yes"), asked.err);
    const Outcome checkpoint = runs({"delete", text(project()), "one", "--checkpoints", "DPT-5"});
    QVERIFY2(checkpoint.code == 2 && checkpoint.err.contains("DPT-5, 977 KiB"), checkpoint.err);
    QVERIFY(fs::exists(run("one").checkpoints() / "DPT-5"));
  }

  /// Not whether it may be deleted is asked then: it can't be.
  void aRunAtWorkSaysSo() {
    const RunLock lock(run("one"), "");
    const Outcome whole = runs({"delete", text(project()), "one"});
    QVERIFY2(whole.code == 2 && whole.err.contains("at work") && !whole.err.contains("--yes"), whole.err);
    const Outcome pruned = runs({"prune", text(project()), "--last", "1"});
    QVERIFY2(pruned.code == 2 && pruned.err.contains("at work") && pruned.err.contains("1 checkpoint,"), pruned.err);
    QVERIFY2(!pruned.out.contains("one:") && pruned.out.contains("two:"), pruned.out);
  }

  /// What a branch shares stays on the disk.
  void whatIsSharedFreesNothing() {
    const fs::path weights = run("one").checkpoints() / "DPT-5" / "model" / "model.safetensors";
    fs::create_hard_link(weights, folder() / "shared");
    const Outcome asked = runs({"delete", text(project()), "one", "--checkpoints", "DPT-5"});
    QVERIFY2(asked.code == 2 && asked.err.contains("DPT-5, ") && !asked.err.contains("977 KiB"), asked.err);
    const Outcome done = runs({"delete", text(project()), "one", "--checkpoints", "DPT-5", "--yes", "--json"});
    QVERIFY2(done.code == 0 && done.json()["freed_bytes"] < 1000, done.out + done.err);
    QVERIFY(fs::exists(folder() / "shared") && !fs::exists(weights));
  }

  /// Several tags are one change, and nothing that is kept of a run acts on a terminal.
  void wordsOfPeopleAreOnlyShown() {
    const Outcome tags = runs({"tag", text(project()), "one", "good", "a,b"});
    QVERIFY2(tags.code == 2, tags.err);
    QVERIFY(runs({"show", text(project()), "one", "--json"}).json()["tags"].empty());
    const Outcome noted = run_engine({"runs", "note", text(project()), "one", "-"}, "x\x1b[31my\nz");
    QCOMPARE(noted.code, 0);
    const QByteArray shown = runs({"show", text(project()), "one"}).out;
    QVERIFY2(shown.contains("x\\x1b[31my\nz") && !shown.contains('\x1b'), shown);
  }

  void deletingFreesWhatItSays() {
    const Outcome newest = runs({"delete", text(project()), "one", "--checkpoints", "DPT-10", "--yes"});
    QVERIFY2(newest.code == 2 && newest.err.contains("newest"), newest.err);
    const Outcome older = runs({"delete", text(project()), "one", "--checkpoints", "DPT-5", "--yes"});
    QVERIFY2(older.code == 0 && older.out.contains("977 KiB freed"), older.out + older.err);
    QVERIFY(!fs::exists(run("one").checkpoints() / "DPT-5") && fs::exists(run("one").checkpoints() / "DPT-10"));
    const Outcome whole = runs({"delete", text(project()), "one", "--yes", "--json"});
    QVERIFY2(whole.code == 0, whole.err);
    QVERIFY(whole.json()["freed_bytes"].get<int64_t>() > 1'000'000 && !fs::exists(run("one").path));
    QCOMPARE(runs({"delete", text(project()), "theirs", "--yes"}).code, 2);
    QVERIFY(fs::exists(run("theirs").path));
  }

  /// By the project's rules, or those of the arguments; what they don't keep is named before anything is done.
  void rulesClearAway() {
    const fs::path checkpoint = run("one").checkpoints() / "DPT-7";
    fs::copy(run("one").checkpoints() / "DPT-5", checkpoint, fs::copy_options::recursive);
    QVERIFY(runs({"prune", text(project()), "one"}).out.contains("keep all"));
    const Outcome asked = runs({"prune", text(project()), "one", "--last", "1"});
    QVERIFY2(asked.code == 2 && asked.out.contains("one: DPT-5 DPT-7") && asked.err.contains("2 checkpoints"),
             asked.out + asked.err);
    QVERIFY(fs::exists(checkpoint));
    QCOMPARE(runs({"pin", text(project()), "one", "DPT-7"}).code, 0);
    const Outcome done = runs({"prune", text(project()), "--last", "1", "--yes", "--json"});
    QVERIFY2(done.code == 0, done.err);
    QCOMPARE(done.json()["checkpoints"]["one"].dump(), std::string("[\"DPT-5\"]"));
    QVERIFY(fs::exists(checkpoint) && !fs::exists(run("one").checkpoints() / "DPT-5"));
    QVERIFY(fs::exists(run("two").checkpoints() / "DPT-10"));
    QCOMPARE(runs({"prune", text(project()), "theirs", "--last", "1", "--yes"}).code, 2);
    QCOMPARE(runs({"prune", text(project()), "one", "--last", "0"}).code, 2);
  }

  void saysWhatToGive() {
    const Outcome few = runs({"diff", text(project())});
    QVERIFY2(few.code == 2 && few.err.contains("two runs or more"), few.err);
    QCOMPARE(runs({"list", text(project())}).out, runs({text(project())}).out);
    fs::create_directories(folder() / "fresh");
    write_file_atomically(folder() / "fresh" / "f.kdproj", project_text(with_rate(0.001)));
    const Outcome none = runs({"prune", text(folder() / "fresh" / "f.kdproj")});
    QVERIFY2(none.code == 0 && none.out.contains("no run yet"), none.out + none.err);
  }

  void whatIsNotThereIsNamed() {
    const Outcome outcome = runs({"show", text(project()), "three"});
    QVERIFY2(outcome.code == 2 && outcome.err.contains("there are theirs, two, one"), outcome.err);
    QCOMPARE(runs({text(folder() / "none.kdproj")}).code, 2);
    write_file_atomically(run("two").info(), "{");
    QVERIFY(runs({text(project())}).out.contains("damaged"));
    QCOMPARE(runs({"show", text(project()), "two"}).code, 0);
  }
};

QTEST_GUILESS_MAIN(TestRunsCommand)
#include "tst_runs_command.moc"
