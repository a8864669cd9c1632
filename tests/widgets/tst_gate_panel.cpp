// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QLocalServer>
#include <QLocalSocket>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/train_progress.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/pages/train/gate_panel.h"
#include "widgets/pages/train/train_page.h"
#include "widgets/run/gate_texts.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_differences.h"
#include "widgets/run/run_row.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class GatePanelTest : public QObject {
  Q_OBJECT

  static GateEvent unmet(const char* outcome) {
    return {.outcome = outcome,
            .message = "The gate of SFT isn't met: score of test.json is 41, and must be at least 50.",
            .numbers = {{.measure = "score",
                         .of = "test.json",
                         .against = "beginning",
                         .limit = 2,
                         .unmet = "ask",
                         .before = 48,
                         .after = 41,
                         .bound = 50},
                        {.measure = "probe",
                         .of = "rdist",
                         .against = "number",
                         .limit = 0.5,
                         .unmet = "ask",
                         .before = 0.6,
                         .after = 0.25,
                         .bound = 0.5,
                         .met = true}}};
  }

  /// A run that has done DPT and SFT, and is at SFT's gate.
  static MadeRun makeGated(const QString& folder, const char* outcome, qint64 pid = 0) {
    MadeRunPlan plan;
    plan.steps_a_stage = 20;
    plan.steps_done = 40;
    plan.status = QStringLiteral("running");
    const MadeRun made = make_run(toPath(folder), plan);
    const RunFolder run{made.run_folder};
    const bool waits = std::string(outcome) == "waiting";
    EventLog log(run.events());
    const auto add = [&](EventBody body) {
      log.append({.time = 2e9, .stage = "SFT", .stage_step = 20, .step = 40, .body = std::move(body)});
    };
    add(unmet(outcome));
    if (waits)
      add(PausedEvent{.reason = "It waits."});
    else
      add(RunFinishedEvent{.status = "stopped", .steps = 40});
    RunInfo info = read_run_info(run);
    info.status = waits ? "paused" : "stopped";
    if (waits) info.pid = pid;
    if (!waits) info.gates = {{.stage_index = 1, .stage = "SFT", .step = 40, .time = 2e9, .gate = unmet(outcome)}};
    write_run_info(run, info);
    return made;
  }

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  void aStoppedRunShowsItsNumbersAndGoesOn() {
    Opened opened(makeGated(m_folder.filePath(QStringLiteral("stopped")), "stopped"));
    GatePanel* panel = opened.page.gate();
    QTRY_VERIFY(panel->isVisible());
    QCOMPARE(opened.run.state(), RunState::stopped);
    QStringList texts;
    for (const auto* label : panel->findChildren<QLabel*>()) texts << label->text();
    for (const char* text : {"The gate of SFT isn’t met", "Score of test.json", "48\u202f%", "41\u202f%",
                             "at least 50\u202f%", "RDist of the probes", "at most 0.5"})
      QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
    auto* goOn = panel->findChild<QPushButton*>(QStringLiteral("gateGoOn"));
    auto* back = panel->findChild<QPushButton*>(QStringLiteral("gateRollBack"));
    auto* reason = panel->findChild<QLineEdit*>(QStringLiteral("gateReason"));
    QVERIFY(!panel->findChild<QPushButton*>(QStringLiteral("gateStop"))->isVisible());
    QCOMPARE(back->text(), QStringLiteral("&Roll back to DPT"));
    QVERIFY(!goOn->isEnabled() && back->isEnabled());
    takePicture(&opened.page, QStringLiteral("train-gate"));
    reason->setFocus();
    QTest::keyClicks(reason, QStringLiteral("the data is small"));
    QVERIFY(goOn->isEnabled());
    QTest::mouseClick(goOn, Qt::LeftButton);
    QFile started(m_folder.filePath(QStringLiteral("stopped/started")));
    QTRY_VERIFY(started.exists() && started.size() > 0);
    QVERIFY(started.open(QIODevice::ReadOnly));
    const QByteArray command = started.readAll();
    QVERIFY2(command.contains("--resume made-run --pass-gate the data is small"), command.constData());
    QVERIFY2(command.contains("--wait-at-gates"), command.constData());
  }

  void aWaitingRunGetsItsAnswer_data() {
    QTest::addColumn<QString>("button");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("go on") << "gateGoOn" << QByteArray("go on known noise");
    QTest::newRow("roll back") << "gateRollBack" << QByteArray("roll back known noise");
    QTest::newRow("stop") << "gateStop" << QByteArray("stop known noise");
  }
  void aWaitingRunGetsItsAnswer() {
    QFETCH(QString, button);
    QFETCH(QByteArray, expected);
    QTemporaryDir folder;
    QProcess engine;  // which waits for its input
    engine.start(QStringLiteral("/bin/sh"), {m_folder.filePath(QStringLiteral("llavakd"))});
    QVERIFY(engine.waitForStarted());
    const MadeRun made = makeGated(folder.filePath(QStringLiteral("w")), "waiting", engine.processId());
    QLocalServer server;
    QVERIFY(server.listen(toQString(RunFolder{made.run_folder}.socket())));
    Opened opened(made);
    GatePanel* panel = opened.page.gate();
    QTRY_VERIFY(panel->isVisible());
    opened.controller.resume();  // by habit
    QVERIFY(!opened.messages.isEmpty() && opened.messages.last().contains(QStringLiteral("waits at the gate of SFT")));
    auto* reason = panel->findChild<QLineEdit*>(QStringLiteral("gateReason"));
    reason->setFocus();
    QTest::keyClicks(reason, QStringLiteral("known noise"));
    auto* pressed = panel->findChild<QPushButton*>(button);
    QVERIFY(pressed->isVisible() && pressed->isEnabled());
    QTest::mouseClick(pressed, Qt::LeftButton);
    QVERIFY(!pressed->isEnabled());  // once is enough
    QTRY_VERIFY(server.hasPendingConnections());
    QLocalSocket* socket = server.nextPendingConnection();
    QTRY_VERIFY(socket->canReadLine());
    QCOMPARE(socket->readLine().trimmed(), expected);
    socket->write("{\"ok\": false, \"error\": \"not now\"}\n");
    QTRY_VERIFY(pressed->isEnabled());  // it wasn't taken: it can be given again
    engine.kill();
    engine.waitForFinished();
  }

  /// A stopped run goes back at a click; what was left is a run of its own.
  void aStoppedRunGoesBack() {
    const MadeRun made = makeGated(m_folder.filePath(QStringLiteral("back")), "stopped");
    const RunFolder run{made.run_folder};
    std::filesystem::remove_all(run.checkpoints());
    makeCheckpoint(run, "DPT", 0, 20, 20);
    makeCheckpoint(run, "SFT", 1, 20, 40);
    Opened opened(made);
    GatePanel* panel = opened.page.gate();
    QTRY_VERIFY(panel->isVisible());
    QTest::mouseClick(panel->findChild<QPushButton*>(QStringLiteral("gateRollBack")), Qt::LeftButton);
    QTRY_VERIFY(std::filesystem::exists(run.path.parent_path() / "made-run-SFT-40" / "run.json"));
    QTRY_VERIFY(!panel->isVisible());
    QTRY_COMPARE(opened.run.progress().step, int64_t(20));
    QTRY_VERIFY2(opened.messages.join(u' ').contains(QStringLiteral("Went back from SFT-40 to DPT-20")),
                 qPrintable(opened.messages.join(u'\n')));
    const RunInfo info = read_run_info(run);
    QVERIFY(!std::filesystem::exists(run.checkpoints() / "SFT-40"));
    QCOMPARE(info.roll_backs.size(), size_t(1));
    QVERIFY(info.roll_backs[0].what.reason.starts_with("The gate of SFT isn't met"));
    QVERIFY(gateLines(info).join(u' ').contains(QStringLiteral("made-run-SFT-40")));
  }

  void aRunWithoutOneShowsNothing() {
    Opened opened(make_run(toPath(m_folder.filePath(QStringLiteral("none")))));
    QTRY_COMPARE(opened.run.state(), RunState::stopped);
    QVERIFY(!opened.page.gate()->isVisible());
  }

  /// A run's gate that isn't the page's is told in words.
  void differencesNameTheLimits() {
    StageOptions page;
    page.name = "DPT";
    StageOptions of_run = page;
    of_run.gate = {{.measure = "probe", .of = "rdist", .limit = 2}, {.measure = "loss"}};
    const QString text = runDifferences(nlohmann::ordered_json::array({to_json(of_run)}), {page}).join(u';');
    QVERIFY2(text.startsWith(QStringLiteral("DPT gate probe rdist beginning 2")), qPrintable(text));
    QVERIFY2(!text.contains(u'{') && text.endsWith(QStringLiteral(" (here –)")), qPrintable(text));
  }

  void theListOfRunsHasTheRecord() {
    const MadeRun made = makeGated(m_folder.filePath(QStringLiteral("listed")), "stopped");
    const RunRow row = runRow(run_overview(all_runs(made.project_file).front()));
    QVERIFY2(
        row.gates.startsWith(QStringLiteral("The gate of SFT isn’t met: Score of test.json is 41\u202f%, wanted at "
                                            "least 50\u202f%. The run stopped there.")),
        qPrintable(row.gates));
    QVERIFY(row.message.isEmpty());
  }

 private:
  struct Opened : OpenedRun {
    explicit Opened(const MadeRun& made_run) : OpenedRun(made_run) {
      connect(&controller, &RunController::messageRaised, &controller,
              [this](const RunMessage& message) { messages << message.text; });
      page.resize(1280, 800);
      page.show();
      open();
    }
    RunController controller{&document, &run};
    TrainPage page{&document, &run, &controller};
    QStringList messages;
  };

  static void makeCheckpoint(const RunFolder& run, const char* stage, size_t index, int64_t stage_step, int64_t step) {
    const auto folder = run.checkpoints() / (std::string(stage) + "-" + std::to_string(step));
    std::filesystem::create_directories(folder / "model");
    Project project;
    for (const char* name : {"DPT", "SFT", "DFT"}) {
      project.stages.emplace_back();
      project.stages.back().name = name;
    }
    TrainProgress at;
    at.stage_index = index;
    at.stage = stage;
    at.stage_step = stage_step;
    at.step = at.samples = step;
    at.stage_done = true;
    write_json(folder / "state.json", to_json(at, project));
    write_safetensors(folder / "optimizer.safetensors", {});
  }

  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::GatePanelTest)
#include "tst_gate_panel.moc"
