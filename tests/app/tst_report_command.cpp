// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>

#include <QTemporaryDir>
#include <QTest>

#include "tests/app/engine.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;

/// `llavakd report` as people start it.
class TestReportCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_;

 private Q_SLOTS:
  void initTestCase() {
    folder_ = dir_.path().toStdString();
    make_run(folder_, "one");
    make_run(folder_, "two", {.totals = {5, 4, 3}});
  }

  QString run(const char* name) const { return text(folder_ / "runs" / name); }

  void writesAPageOfOneAndOfSeveral() {
    const fs::path out = folder_ / "out";
    const Outcome one = run_engine({"report", run("one") + "/", "--out", text(out)});
    QCOMPARE(one.code, 0);
    QVERIFY2(one.out.contains("index.html written"), one.out);
    const Json json = run_engine({"report", run("one"), run("two"), "--out", text(out), "--redact", "--json"}).json();
    QCOMPARE(json.value("page", ""), (out / "index.html").string());
    QCOMPARE(json.value("folder", ""), out.string());
    QCOMPARE(json.value("files", 0), static_cast<int>(files_in(out).size()));
    QVERIFY(content_of(out / "index.html").find("2 runs compared") != std::string::npos);
  }

  void withoutAFolderItIsCalledAfterTheRun() {
    QProcess process;
    process.setWorkingDirectory(text(folder_));
    process.start(engine_path(), {"report", "runs/two"});
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(fs::exists(folder_ / "two.report" / "index.html"));
  }

  void whatIsWrongIsSaid_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("no run") << QStringList{} << QByteArray("runs");
    QTest::newRow("not a run") << QStringList{"/nowhere/run"} << QByteArray("is no run");
    QTest::newRow("used folder") << QStringList{run("one"), "--out", text(folder_ / "runs")}
                                 << QByteArray("holds no report");
    QTest::newRow("too many") << QStringList(13, run("one")) << QByteArray("1 to 12 runs");
  }

  void whatIsWrongIsSaid() {
    QFETCH(const QStringList, arguments);
    QFETCH(const QByteArray, said);
    const Outcome outcome = run_engine(QStringList{"report"} + arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.contains(said), outcome.err);
  }

  /// Asked to end while it writes, it leaves nothing.
  void nothingHalfWrittenIsLeft() {
    make_run(folder_, "long", {.totals = std::vector<double>(60'000, 1.0)});
    const fs::path out = folder_ / "ended";
    QProcess process;
    process.start(engine_path(), {"report", run("long"), "--out", text(out)});
    for (int i = 0; i < 2000 && process.state() != QProcess::NotRunning && !fs::exists(out.string() + ".partial"); ++i)
      process.waitForFinished(5);
    QVERIFY(process.state() == QProcess::Running);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 3);
    QVERIFY(!fs::exists(out) && !fs::exists(out.string() + ".partial"));
  }
};

QTEST_GUILESS_MAIN(TestReportCommand)
#include "tst_report_command.moc"
