// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <QtTest>

#include <cmath>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/run_folder.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunFolder : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path project() const { return fs::path(m_folder.path().toStdString()) / "p.kdproj"; }

 private Q_SLOTS:
  void cleanup() { fs::remove_all(runs_folder(project())); }

  void anIdOfItsOwnForEachRun() {
    const RunFolder first = create_run(project()), second = create_run(project());
    QVERIFY(first.id() != second.id());
    QVERIFY(fs::is_directory(first.checkpoints()) && fs::is_directory(first.probes()));
  }

  void badIdsAreRefused() {
    for (const char* id : {"../x", "a/b", ".hidden", "a b", "ä"})
      QVERIFY_EXCEPTION_THROWN(create_run(project(), id), UserError);
    write_run_info(create_run(project(), "a"), {});
    QVERIFY_EXCEPTION_THROWN(create_run(project(), "a"), UserError);
  }

  void infoSurvivesAWriteAndARead() {
    const RunFolder run = create_run(project(), "a");
    RunInfo info;
    info.status = "running";
    info.started = 5;
    info.pid = getpid();
    info.control_socket = "/run/x.sock";
    info.project_id = "0123456789ab";
    info.kind = RunKind::ablate;
    info.stages = {{.stage_index = 1, .stage = "SFT", .options = {{"epochs", 2}}, .from_step = 7, .started = 9}};
    info.inputs = {{"data.json", "abc"}};
    info.project_file = "/home/lat\xe9/a.kdproj";  // a folder's name is bytes, which needn't be UTF-8
    write_run_info(run, info);
    const RunInfo read = read_run_info(run);
    QCOMPARE(read.status, "running");
    QCOMPARE(*read.pid, static_cast<int64_t>(getpid()));
    QCOMPARE(read.control_socket, "/run/x.sock");
    QCOMPARE(read.inputs, info.inputs);
    QCOMPARE(read.project_id, info.project_id);
    QVERIFY(read.kind == RunKind::ablate);
    QCOMPARE(read.stages.size(), size_t{1});
    QCOMPARE(read.stages[0].stage, "SFT");
    QCOMPARE(read.stages[0].from_step, int64_t{7});
    QCOMPARE(read.stages[0].options, info.stages[0].options);
  }

  /// 2^32 + 1 cut to 32 bits would be process 1, and a float beyond 2^63 can't be converted.
  void gatesAndRollBacksAreKept() {
    const RunFolder run = create_run(project(), "gates");
    RunInfo info;
    info.status = "stopped";
    QVERIFY(!unmet_gate(info));
    info.gates = {{.stage_index = 1,
                   .stage = "SFT",
                   .step = 40,
                   .time = 7,
                   .gate = {.outcome = "stopped",
                            .message = "It isn't met.",
                            .numbers = {{.measure = "loss", .limit = 2, .before = 3, .after = NAN, .bound = 2}}}}};
    info.roll_backs = {{.time = 8, .what = {.from = "SFT-40", .to = "DPT-20", .kept_as = "kept", .reason = "why"}}};
    write_run_info(run, info);
    const RunInfo read = read_run_info(run);
    QCOMPARE(read.gates.size(), size_t{1});
    QCOMPARE(read.gates[0].stage, std::string("SFT"));
    QCOMPARE(read.gates[0].step, int64_t{40});
    QCOMPARE(read.gates[0].gate.numbers.at(0).before, 3.0);
    QVERIFY(std::isnan(read.gates[0].gate.numbers[0].after));
    QCOMPARE(unmet_gate(read)->message, std::string("It isn't met."));
    QCOMPARE(read.roll_backs.at(0).what.kept_as, std::string("kept"));
    QCOMPARE(read.roll_backs[0].time, 8.0);
    // What is damaged is left out.
    nlohmann::ordered_json json = read_json(run.info());
    json["gates"].push_back({{"outcome", 3}});
    json["gates"].push_back("met");
    json["roll_backs"] = nullptr;
    write_json(run.info(), json);
    QCOMPARE(read_run_info(run).gates.size(), size_t{1});
    QVERIFY(read_run_info(run).roll_backs.empty());
  }

  /// Whatever types and sizes somebody's run.json has: what can't be is empty, and differences of numbers hold.
  void aHostileRunIsReadAsWhatItCanBe() {
    const RunFolder run = create_run(project(), "hostile");
    for (const char* value : {"7", "\"x\"", "null", "[[[]]]", "{\"a\": 1}", "-1e308", "true"}) {
      std::string text = "{";
      for (const char* key : {"project", "plan", "stages", "versions", "inputs", "accepted_changes", "gates",
                              "roll_backs", "going_back", "branch_of", "status", "started", "pid"})
        text += fmt::format("{}\"{}\": {}", text.size() > 1 ? ", " : "", key, value);
      std::ofstream(run.info()) << text + "}";
      RunInfo info = read_run_info(run);
      QVERIFY(info.versions.is_object() && info.inputs.is_object());
      QVERIFY(info.accepted_changes.is_array() && info.gates.empty() && info.roll_backs.empty() && !info.going_back);
      info.versions["kernels"] = "";  // as a run does
      info.accepted_changes.push_back(1);
      write_run_info(run, info);
      QCOMPARE(read_run_info(run).versions["kernels"], nlohmann::ordered_json(""));
    }
    for (const auto& [written, read] : {std::pair("-9223372036854775808", int64_t{0}), std::pair("1e300", int64_t{0}),
                                        std::pair("18446744073709551615", int64_t{1} << 53)}) {
      std::ofstream(run.info()) << fmt::format(R"({{"stages": [{{"stage_index": {0}, "from_step": {0}}}]}})", written);
      const RunInfo info = read_run_info(run);
      QCOMPARE(info.stages.at(0).from_step, read);
      QCOMPARE(info.stages[0].stage_index, read);
    }
  }

  void goingBackIsNoted() {
    const RunFolder run = create_run(project(), "going-back");
    RunInfo info;
    info.going_back = {.time = 8, .what = {.from = "SFT-40", .to = "DPT-20", .kept_as = "kept", .reason = "why"}};
    write_run_info(run, info);
    const auto read = read_run_info(run).going_back;
    QVERIFY(read && read->time == 8);
    QCOMPARE(read->what.to, std::string("DPT-20"));
    QCOMPARE((RunFolder{"runs/one.partial"}).id(), std::string("one"));
  }

  void whatIsNoProcessNumberIsNone() {
    const RunFolder run = create_run(project(), "pid");
    for (const char* pid : {"4294967297", "18446744073709551615", "-1", "0", "1e300", "\"1\""}) {
      std::ofstream(run.info()) << "{\"pid\": " << pid << "}";
      QVERIFY2(!read_run_info(run).pid, pid);
    }
  }

  void aDeadOrForeignProcessIsNotAlive() {
    RunInfo info;
    QVERIFY(!is_alive(info));
    info.pid = 2'000'000'000;  // above every pid_max
    QVERIFY(!is_alive(info));
    info.pid = 1;
    info.host = "another-host";
    QVERIFY(!is_alive(info));
  }
};

QTEST_APPLESS_MAIN(TestRunFolder)
#include "tst_run_folder.moc"
