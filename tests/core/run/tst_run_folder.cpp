// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
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
