// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>

#include <QTemporaryDir>
#include <QTest>

#include "tests/app/engine.h"

using namespace llavakd;

/// Signals as terminals, batch systems and launchers send them.
class TestSignals : public QObject {
  Q_OBJECT

  using Signals = std::vector<int>;
  QTemporaryDir dir_;
  fs::path folder_, project_;

  struct Ended {
    int code = -1, signal = 0;
    QByteArray err;
  };

  static void send(const QProcess& process, int number) {
    if (process.processId() > 0) ::kill(static_cast<pid_t>(process.processId()), number);
  }

  /// Starts the program and calls `then` once `file` is there.
  Ended run(const QStringList& arguments, const fs::path& file, const std::function<void(QProcess&)>& then) const {
    QProcess process;
    process.start(engine_path(), arguments);
    process.closeWriteChannel();
    for (int i = 0; i < 3000 && process.state() != QProcess::NotRunning && !fs::exists(file); ++i)
      process.waitForFinished(10);
    then(process);
    if (!process.waitForFinished(60'000)) process.kill();
    process.waitForFinished(5000);
    const bool exited = process.exitStatus() == QProcess::NormalExit;
    return {exited ? process.exitCode() : -1, exited ? 0 : process.exitCode(), process.readAllStandardError()};
  }

  /// A run whose steps are short (16 samples) or take seconds (all samples many times).
  QStringList training(const char* name, bool long_steps) const {
    return {"train", text(project_),
            "--run", name,
            "--set", "evaluations=[]",
            "--set", "probes=[]",
            "--set", long_steps ? "stages.DPT.batch_size=4000" : "stages.DPT.batch_size=16",
            "--set", "stages.DPT.epochs=100",
            "--set", "stages.DPT.max_steps=2000"};
  }
  fs::path run_folder(const char* name) const { return folder_ / "runs" / name; }

  void wait_for_steps(const char* name) const {
    const auto steps = [&] {
      return count_of(events_of(run_folder(name) / "events.jsonl"), "step");
    };
    for (int i = 0; i < 600 && steps() < 2; ++i) QTest::qWait(20);
    QVERIFY(steps() >= 2);
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = fs::path(dir_.path().toStdString()) / "quick";
    const Outcome made = run_engine({"new", "emoji-quick", text(folder_)});
    QVERIFY2(made.code == 0, made.err);
    project_ = folder_ / "emoji-quick.kdproj";
  }

  void aRequestSavesAndEnds_data() {
    QTest::addColumn<Signals>("sent");
    QTest::newRow("TERM") << Signals{SIGTERM};
    QTest::newRow("INT") << Signals{SIGINT};
    QTest::newRow("HUP") << Signals{SIGHUP};
    QTest::newRow("QUIT") << Signals{SIGQUIT};
    QTest::newRow("USR1") << Signals{SIGUSR1};
    QTest::newRow("USR2") << Signals{SIGUSR2};
    QTest::newRow("XCPU") << Signals{SIGXCPU};
    QTest::newRow("Slurm's") << Signals{SIGTERM, SIGCONT, SIGTERM};
    QTest::newRow("scancel's") << Signals{SIGCONT, SIGTERM};
    QTest::newRow("a volley") << Signals{SIGINT, SIGTERM, SIGHUP, SIGTERM, SIGUSR1, SIGTERM};
  }
  void aRequestSavesAndEnds() {
    QFETCH(const Signals, sent);
    const char* name = QTest::currentDataTag();
    const QByteArray id = QByteArray(name).replace('\'', "").replace(' ', '-');
    const Ended ended = run(training(id, false), run_folder(id) / "events.jsonl", [&](QProcess& process) {
      wait_for_steps(id);
      for (const int number : sent) {
        send(process, number);
        QTest::qSleep(5);
      }
    });
    QVERIFY2(ended.code == 3, ended.err);
    QVERIFY(fs::exists(run_folder(id) / "checkpoints" / "latest"));
    QCOMPARE(read_json(run_folder(id) / "run.json")["status"].get<std::string>(), std::string("stopped"));
  }

  void stoppedAndContinuedItGoesOn() {
    const Ended ended = run(training("held", false), run_folder("held") / "events.jsonl", [&](QProcess& process) {
      wait_for_steps("held");
      send(process, SIGSTOP);
      QTest::qSleep(100);
      send(process, SIGCONT);
      QTest::qSleep(300);
      QCOMPARE(process.state(), QProcess::Running);
      send(process, SIGTERM);
    });
    QVERIFY2(ended.code == 3, ended.err);
  }

  void onlyAThirdSecondsLaterEndsAtOnce() {
    const fs::path begun = run_folder("long") / "events.jsonl";
    const Ended ended = run(training("long", true), begun, [&](QProcess& process) {
      for (int i = 0; i < 500 && count_of(events_of(begun), "stage_started") == 0; ++i) QTest::qWait(20);
      send(process, SIGTERM);
      QTest::qSleep(10);
      send(process, SIGTERM);
      QTest::qSleep(4000);
      QCOMPARE(process.state(), QProcess::Running);
      send(process, SIGTERM);
    });
    QCOMPARE(ended.code, -1);
    QCOMPARE(ended.signal, SIGTERM);
  }

  void nohupHolds() {
    QProcess process;
    process.start("nohup", QStringList{engine_path()} + training("nohup", false));
    process.closeWriteChannel();
    for (int i = 0; i < 1000 && !fs::exists(run_folder("nohup") / "events.jsonl"); ++i) QTest::qWait(20);
    wait_for_steps("nohup");
    send(process, SIGHUP);
    QTest::qSleep(500);
    QCOMPARE(process.state(), QProcess::Running);
    send(process, SIGTERM);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 3);
  }

  /// Ctrl-C at several moments: the project is there whole, or nothing is.
  void aNewProjectIsWholeOrNotThere() {
    for (const int milliseconds : {0, 100, 300, 600, 900}) {
      const fs::path place = fs::path(dir_.path().toStdString()) / "new" / std::to_string(milliseconds);
      const Ended ended = run({"new", "emoji-quick", text(place / "project")}, place, [&](QProcess& process) {
        QTest::qSleep(static_cast<unsigned>(milliseconds));
        send(process, SIGINT);
      });
      if (ended.code == 0)
        QVERIFY(fs::exists(place / "project" / "emoji-quick.kdproj"));
      else
        QVERIFY2(!fs::exists(place) && (ended.code == 3 || ended.signal == SIGINT), ended.err);
    }
  }

  void anExportIsWholeOrNotThere() {
    for (const int milliseconds : {0, 20, 60, 150}) {
      const fs::path place = fs::path(dir_.path().toStdString()) / fmt::format("export-{}", milliseconds);
      const fs::path partial = fs::path(place).concat(".partial");
      const Ended ended = run({"export", text(models_folder() / "teacher"), "--to", "hf", text(place)}, partial,
                              [&](QProcess& process) {
                                QTest::qSleep(static_cast<unsigned>(milliseconds));
                                send(process, SIGTERM);
                              });
      QVERIFY(!fs::exists(partial));
      const bool whole = fs::exists(place / "config.json") && fs::exists(place / "model.safetensors");
      QVERIFY2(ended.code == 0 || ended.code == 3 || ended.signal == SIGTERM, ended.err);
      // A signal between the last step and the program's end finds a whole export.
      QVERIFY2(whole || (!fs::exists(place) && ended.code != 0), ended.err);
    }
  }

  void oneOfSeveralProcessesIsRefusedBeforeAnythingIsWritten() {
    for (const char* command : {"train", "ablate"}) {
      QProcess process;
      QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
      environment.insert("RANK", "0");
      environment.insert("WORLD_SIZE", "2");
      process.setProcessEnvironment(environment);
      QStringList arguments = {command, text(project_), "--set", "run.seed=77"};
      if (std::string(command) == "ablate") arguments += {"--arms", "DPT", "--seeds", "77"};
      const auto before = std::distance(fs::directory_iterator(folder_ / "runs"), fs::directory_iterator());
      process.start(engine_path(), arguments);
      QVERIFY(process.waitForFinished(30'000));
      QCOMPARE(process.exitCode(), 2);
      QVERIFY(process.readAllStandardError().contains("WORLD_SIZE=2"));
      QCOMPARE(std::distance(fs::directory_iterator(folder_ / "runs"), fs::directory_iterator()), before);
    }
  }
};

QTEST_GUILESS_MAIN(TestSignals)
#include "tst_signals.moc"
