// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "tests/app/engine.h"

using namespace llavakd;

/// Disks that know less than a usual one, and environments that name no folders.
class TestPlaces : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;

  fs::path run_folder(const char* name) const { return folder_ / "runs" / name; }
  QStringList training(const char* name) const {
    return {"train", text(project_), "--run", name, "--set", "evaluations=[]", "--stage", "DPT"};
  }

  static QStringList answering(const QString& calls, const QString& error) {
    return {"-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=" + calls,
            "-e",
            QStringLiteral("inject=%1:error=%2").arg(calls, error)};
  }

  /// Trains while the kernel answers these calls with an error, as such a file system does.
  Outcome train_with(const char* name, const QString& calls, const QString& error) const {
    QProcess process;
    process.start("strace", answering(calls, error) + QStringList{engine_path()} + training(name));
    process.closeWriteChannel();
    if (!process.waitForFinished(120'000)) process.kill();
    process.waitForFinished(5000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }

  static bool can_inject() {
    QProcess process;
    process.start("strace", answering("fsync", "EINVAL") + QStringList{"true"});
    return process.waitForFinished(10'000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    project_ = write_small_project(folder_);
  }

  void aDiskThatKnowsLittle_data() {
    QTest::addColumn<QString>("calls");
    QTest::addColumn<QString>("error");
    QTest::addColumn<bool>("warns");
    QTest::newRow("no-sockets") << "bind"
                                << "EPERM" << true;
    QTest::newRow("no-fsync") << "fsync"
                              << "EINVAL" << false;
    QTest::newRow("no-fsync-either") << "fsync"
                                     << "EOPNOTSUPP" << false;
    QTest::newRow("no-exchange") << "renameat2"
                                 << "EINVAL" << false;
    QTest::newRow("no-permissions") << "chmod,fchmod,fchmodat"
                                    << "EPERM" << false;
    QTest::newRow("no-locks") << "flock"
                              << "EOPNOTSUPP" << false;
    QTest::newRow("no-eventfd") << "eventfd2"
                                << "EMFILE" << true;
  }
  void aDiskThatKnowsLittle() {
    if (!can_inject()) QSKIP("strace can't be used here");
    QFETCH(const QString, calls);
    QFETCH(const QString, error);
    QFETCH(const bool, warns);
    const char* name = QTest::currentDataTag();
    const Outcome outcome = train_with(name, calls, error);
    QVERIFY2(outcome.code == 0, outcome.err);
    const auto events = events_of(run_folder(name) / "events.jsonl");
    QCOMPARE(llavakd::warns(events, "control socket"), warns);
    QVERIFY(events.back().is<RunFinishedEvent>());
    QVERIFY(fs::exists(run_folder(name) / "checkpoints" / "latest"));
  }

  /// Whatever runs out first, before or after the program's own beginning: a sentence and an exit code, no signal.
  void littleAddressSpaceIsTold() {
    for (const int mebibytes : {370, 390, 410, 430, 460, 500, 600}) {
      QProcess process;
      process.start("sh",
                    QStringList{"-c", "ulimit -v $0; exec \"$@\"", QString::number(mebibytes * 1024), engine_path()} +
                        training(fmt::format("space-{}", mebibytes).c_str()));
      process.closeWriteChannel();
      QVERIFY(process.waitForFinished(60'000));
      const QByteArray said = process.readAllStandardError();
      QVERIFY2(process.exitStatus() == QProcess::NormalExit, said);
      if (process.exitCode() == 0 || process.exitCode() == 127) continue;  // enough, or too little for the loader
      // 2 where a model can't even be mapped to look at it.
      QVERIFY2(process.exitCode() == 1 || process.exitCode() == 2, said);
      QVERIFY2(said.contains("emory") || said.contains("hread"), said);
    }
  }

  /// No HOME, no folders of XDG, nothing else.
  void anEmptyEnvironmentIsEnough() {
    QProcess process;
    QProcessEnvironment empty;
    empty.insert("PATH", "/usr/bin:/bin");
    process.setProcessEnvironment(empty);
    process.start(engine_path(), training("bare"));
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(60'000));
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
  }
};

QTEST_GUILESS_MAIN(TestPlaces)
#include "tst_places.moc"
