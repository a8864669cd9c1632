// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDateTime>
#include <QElapsedTimer>
#include <QFile>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/project/visitors.h"
#include "core/run/run_reader.h"
#include "made_project.h"
#include "widgets/run/engine_command.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_differences.h"
#include "widgets/run/run_summary.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"

using namespace llavakd;

namespace {

// A shell script in the engine's place; PATH leads to it because there is none next to the test's program.
class FakeEngine {
 public:
  explicit FakeEngine(const QByteArray& script) : m_path(qgetenv("PATH")) {
    QFile file(m_folder.path() + QStringLiteral("/llavakd"));
    if (file.open(QIODevice::WriteOnly)) file.write("#!/bin/sh\n" + script);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ":" + m_path);
  }
  ~FakeEngine() { qputenv("PATH", m_path); }

 private:
  QTemporaryDir m_folder;
  QByteArray m_path;
};

}  // namespace

class EngineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void progressFollowsTheEvents() {
    RunProgress progress;
    progress.consume({.body = RunStartedEvent{.stages = {{"DPT", 10}, {"SFT", 20}}}});
    QCOMPARE(progress.stages.size(), size_t(2));
    progress.consume({.time = 1, .stage = "DPT", .body = StageStartedEvent{.steps = 10}});
    for (int i = 1; i <= 5; ++i)
      progress.consume(
          {.time = 1.0 + 2 * i, .stage = "DPT", .stage_step = i, .step = i, .body = StepEvent{.seconds = 2.0}});
    QCOMPARE(progress.fraction(0), 0.5);
    QCOMPARE(progress.timeLeft(0)->seconds, 10.0);  // 5 steps of 2 s
    QCOMPARE(progress.timeLeft()->seconds, 10.0);
    QCOMPARE(progress.timeLeft()->unknown, std::vector<std::string>{"SFT"});  // nothing tells its speed
    progress.consume({.time = 12, .body = PausedEvent{}});
    QCOMPARE(progress.state, RunState::paused);
    progress.consume({.time = 100, .body = UnpausedEvent{}});
    progress.consume({.time = 101, .stage = "DPT", .stage_step = 6, .body = StageFinishedEvent{}});
    QCOMPARE(progress.fraction(0), 1.0);
    progress.consume({.time = 102, .body = FailedEvent{.message = "no space left"}});
    QCOMPARE(progress.state, RunState::failed);
    QCOMPARE(progress.message, QStringLiteral("no space left"));
    QVERIFY(!progress.timeLeft());
  }

  /// Each stage has its own speed; one that hasn't run is put together from those that have.
  void timeLeftIsMeasuredByStage() {
    RunProgress progress;
    std::vector<StageOptions> stages(3);
    const char* names[] = {"DPT", "SFT", "DFT"};
    for (int i = 0; i < 3; ++i) {
      stages[size_t(i)].name = names[i];
      stages[size_t(i)].batch_size = 8;
      if (i != 1) stages[size_t(i)].terms.push_back({.term = "rdist"});
      if (i != 0) stages[size_t(i)].train = {"connector", "language"};
    }
    progress.setStages(stages);
    std::vector<PlannedStage> plan;
    for (const char* name : names) plan.push_back({name, 100});
    progress.consume({.body = RunStartedEvent{.stages = plan}});
    double time = 0;
    int64_t step = 0;
    const auto run = [&](const char* stage, int steps, double seconds, const NamedNumbers& phases) {
      progress.consume({.time = time, .stage = stage, .step = step, .body = StageStartedEvent{}});
      for (int i = 1; i <= steps; ++i)
        progress.consume({.time = time += seconds,
                          .stage = stage,
                          .stage_step = i,
                          .step = ++step,
                          .body = StepEvent{.seconds = seconds, .phases = phases}});
      if (steps == 100)
        progress.consume({.time = time, .stage = stage, .stage_step = 100, .step = step, .body = StageFinishedEvent{}});
    };
    run("DPT", 100, 1.0, {{"teacher", 0.5}, {"loss", 0.2}, {"student", 0.1}, {"backward", 0.2}});
    run("SFT", 50, 2.0, {{"loss", 0.1}, {"student", 0.9}, {"backward", 0.8}, {"optimizer", 0.2}});
    QCOMPARE(progress.timeLeft(1)->seconds, 100.0);
    const auto left = progress.timeLeft();
    // DFT: teacher and loss as in DPT, the student's part as in SFT: 0.7 + 1.9 s.
    QVERIFY2(std::abs(left->seconds - (100 + 260)) < 1e-6, qPrintable(QString::number(left->seconds)));
    QVERIFY(left->estimated && left->unknown.empty());
    stages[2].batch_size = 16;
    progress.setStages(stages);
    QVERIFY(std::abs(progress.timeLeft()->seconds - (100 + 520)) < 1e-6);
    stages[2].train = {"vision"};  // nothing of that kind has run
    progress.setStages(stages);
    QCOMPARE(progress.timeLeft()->unknown, std::vector<std::string>{"DFT"});
    QCOMPARE(progress.timeLeft()->seconds, 100.0);
  }

  /// A run that goes on announces its plan again; a pause announces none.
  void aResumedRunMayHaveAnotherPlan() {
    RunProgress progress;
    progress.consume({.body = RunStartedEvent{.stages = {{"DPT", 10}, {"SFT", 20}}}});
    progress.consume({.time = 1, .stage = "DPT", .stage_step = 10, .step = 10, .body = StepEvent{}});
    progress.consume({.time = 2, .stage = "DPT", .stage_step = 10, .step = 10, .body = StageFinishedEvent{}});
    progress.consume({.time = 3, .stage = "SFT", .stage_step = 9, .step = 19, .body = StepEvent{}});
    progress.consume({.time = 4, .body = PausedEvent{}});
    progress.consume({.time = 5, .stage = "SFT", .stage_step = 9, .step = 19, .body = UnpausedEvent{}});
    QCOMPARE(progress.state, RunState::running);
    QCOMPARE(progress.stages[1].steps, int64_t(20));
    // Its newest checkpoint is five steps old, and the stage is longer now.
    progress.consume({.time = 6,
                      .stage = "SFT",
                      .stage_step = 4,
                      .step = 14,
                      .body = RunResumedEvent{.stages = {{"DPT", 10}, {"SFT", 40}, {"DFT", 5}}}});
    QCOMPARE(progress.stages.size(), size_t(3));
    QVERIFY(progress.stages[0].finished && !progress.stages[1].finished);
    QCOMPARE(progress.current, 1);
    QCOMPARE(progress.fraction(1), 0.1);
    QCOMPARE(progress.step, int64_t(14));
  }

  /// The plan may have changed while the run was stopped; what is done stays done.
  void aResumedRunHasItsOwnPlan() {
    RunProgress progress;
    progress.consume({.body = RunStartedEvent{.stages = {{"DPT", 2}, {"SFT", 20}}}});
    progress.consume({.stage = "DPT", .body = StageStartedEvent{.steps = 2}});
    progress.consume({.stage = "DPT", .stage_step = 2, .step = 2, .body = StageFinishedEvent{}});
    progress.consume({.stage = "SFT", .step = 2, .body = StageStartedEvent{.steps = 20}});
    progress.consume({.time = 1, .stage = "SFT", .stage_step = 3, .step = 5, .body = StepEvent{}});
    progress.consume(
        {.stage = "SFT", .stage_step = 3, .step = 5, .body = RunResumedEvent{.stages = {{"DPT", 2}, {"SFT", 6}}}});
    QCOMPARE(progress.stages.size(), size_t(2));
    QVERIFY(progress.stages[0].finished);
    QCOMPARE(progress.fraction(1), 0.5);
    QCOMPARE(progress.state, RunState::running);
  }

  /// Nobody has chosen: the running run, else the newest that has something to show; a failed start hides nothing.
  void choosesTheRunToShow() {
    const auto run = [](const char* name, double when, RunState state, bool begun) {
      return RunSummary{QString::fromLatin1(name), when, state, true, {}, {}, begun};
    };
    const auto shown = [](const std::vector<RunSummary>& runs, const char* now = "") {
      const RunSummary* found = runToShow(runs, QString::fromLatin1(now));
      return found ? found->folder : QString();
    };
    const RunSummary failed = run("failed", 3, RunState::failed, false),
                     finished = run("old", 2, RunState::finished, true),
                     older = run("older", 1, RunState::stopped, true);
    RunSummary foreign = run("foreign", 9, RunState::running, true), damaged = run("damaged", 8, RunState::none, true);
    foreign.belongs = false;
    damaged.fault = QStringLiteral("cut off");
    QCOMPARE(shown({foreign, damaged, failed, finished, older}), QStringLiteral("old"));
    QCOMPARE(shown({foreign, failed}), QStringLiteral("failed"));
    QCOMPARE(shown({foreign, damaged}), QString());
    // One that is shown stays, until another runs or a newer one has begun.
    QCOMPARE(shown({failed, finished}, "failed"), QStringLiteral("failed"));
    QCOMPARE(shown({finished, older}, "older"), QStringLiteral("old"));
    QCOMPARE(shown({finished, run("older", 1, RunState::paused, true)}, "old"), QStringLiteral("older"));
  }

  void saysWhereARunDiffersFromThePage() {
    StageOptions dpt;
    dpt.name = "DPT";
    dpt.terms = {{.term = "ce"}, {.term = "rdist", .weight = 0.7}};
    nlohmann::ordered_json run = nlohmann::ordered_json::array({to_json(dpt)});
    QVERIFY(runDifferences(run, {dpt}).isEmpty());
    run[0]["terms"][1]["weight"] = 0.5;
    run[0]["max_steps"] = 40;
    const QStringList two = runDifferences(run, {dpt});
    QVERIFY2(two.contains(QStringLiteral("DPT rdist weight 0.5 (here 0.7)")), qPrintable(two.join(u'|')));
    QCOMPARE(two.size(), 2);
    run.push_back({{"name", "SFT"}});
    StageOptions dft = dpt;
    dft.name = "DFT";
    const QStringList stages = runDifferences(run, {dpt, dft});
    QVERIFY(stages.contains(QStringLiteral("DFT is not in the run")));
    QVERIFY(stages.contains(QStringLiteral("SFT is only in the run")));
    QVERIFY(runDifferences("nonsense", {dpt}).isEmpty());
  }

  void tellsWhatARunWasTrainedWith() {
    const Project project = MadeProject::project();
    RunInfo run;
    run.project = to_json(project);
    run.stages.push_back({.stage = "DPT", .options = to_json(project.stages[0]), .from_step = 12});
    run.accepted_changes = {{{"step", 7}, {"time", 0}, {"files", {{{"file", "data.json"}, {"what", "has changed"}}}}},
                            "nonsense"};
    const QStringList lines = recordLines(run);
    QVERIFY2(lines[0].startsWith(QStringLiteral("DPT from step 12 on")), qPrintable(lines[0]));
    QVERIFY(lines.contains(QStringLiteral("  batch_size: 1")));
    QVERIFY(lines.contains(QStringLiteral("Changes accepted at step 7")));
    QVERIFY(lines.contains(QStringLiteral("  file: data.json")));
    QCOMPARE(lines.back(), QStringLiteral("  what: has changed"));
    run.branch_of = {"trunk", "DPT-8"};
    run.versions = {{"threads", 4}};
    QVERIFY(recordLines(run).contains(QStringLiteral("A branch of trunk from DPT-8")));
    QCOMPARE(recordLines(run).back(), QStringLiteral("  threads: 4"));
  }

  /// A resume writes the events again; the log goes on, and all of it stays in sight.
  void theLogStaysWhenTheEventsBeginAnew() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    made.write(QStringLiteral("runs/one/engine.log"), "first\n");
    made.write(QStringLiteral("runs/one/events.jsonl"), R"({"type":"run_started","time":1,"step":0})"
                                                        "\n"
                                                        R"({"type":"step","time":2,"step":1})"
                                                        "\n");
    RunWatcher watcher;
    QString log;
    connect(&watcher, &RunWatcher::reset, this, [&] { log.clear(); });
    connect(&watcher, &RunWatcher::logArrived, this, [&](const QString& text) { log += text; });
    watcher.setProjectFile(made.file());
    QTRY_COMPARE(log, QStringLiteral("first\n"));
    QTRY_COMPARE(watcher.progress().step, int64_t(1));
    QSignalSpy reset(&watcher, &RunWatcher::reset);
    QVERIFY(QFile::remove(toQString(run.events())));
    made.write(QStringLiteral("runs/one/events.jsonl"), R"({"type":"run_started","time":3,"step":0})"
                                                        "\n");
    QTRY_VERIFY(!reset.isEmpty());
    QTRY_COMPARE(log, QStringLiteral("first\n"));
  }

  /// Until the runs are listed and the log is read, nobody may take silence for emptiness; an empty log is read, too.
  void saysWhileItReads() {
    MadeProject made;
    RunWatcher watcher;
    QVERIFY(!watcher.isReading());
    watcher.setProjectFile(made.file());
    QVERIFY(watcher.isReading());
    QTRY_VERIFY(!watcher.isReading());
    QVERIFY(watcher.runFolder().isEmpty());
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    watcher.choose(toQString(run.path));
    QVERIFY(watcher.isReading());
    QTRY_VERIFY(!watcher.isReading());
    QCOMPARE(watcher.state(), RunState::stopped);
    watcher.expect(made.path(QStringLiteral("runs/two")));
    QVERIFY(!watcher.isReading());  // there is nothing yet to read
  }

  /// The window takes in a long text a few lines at a time.
  void aLongTextOfTheEngineComesInPieces() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    QByteArray text;
    for (int i = 0; i < 5000; ++i) text += "line " + QByteArray::number(i) + " of a log, with an ä in it\n";
    made.write(QStringLiteral("runs/one/engine.log"), text + QByteArray(40000, 'x'));
    RunWatcher watcher;
    QString log;
    qsizetype longest = 0;
    connect(&watcher, &RunWatcher::logArrived, this, [&](const QString& part) {
      log += part;
      longest = std::max(longest, part.size());
    });
    watcher.setProjectFile(made.file());
    QTRY_COMPARE(log.toUtf8(), text + QByteArray(40000, 'x'));
    QVERIFY(longest <= 16384);
  }

  /// The newest steps of a long log are there before the others have been read, and an index makes it short.
  void aLongLogIsShownFromItsEnd() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    std::string text = to_line({.body = RunStartedEvent{.stages = {{"DPT", 99999}}}}) + '\n';
    int64_t steps = 0;
    while (text.size() < size_t{20} << 20) {
      ++steps;
      text += to_line({double(steps), "DPT", steps, steps, StepEvent{.total = double(steps)}}) + '\n';
    }
    std::ofstream(run.events(), std::ios::binary) << text;
    RunWatcher watcher;
    size_t seenEarly = 0, stepEvents = 0;
    int shares = 0;
    bool resumable = true;
    connect(&watcher, &RunWatcher::stepsChanged, this, [&] {
      if (!watcher.loading()) return;
      seenEarly = watcher.steps()->size();
      resumable = watcher.progress().hasCheckpoint;
    });
    connect(&watcher, &RunWatcher::loadingChanged, this, [&] { shares += watcher.loading().has_value(); });
    connect(&watcher, &RunWatcher::eventsArrived, this, [&](const std::vector<Event>& events) {
      for (const Event& event : events) stepEvents += event.is<StepEvent>();
    });
    watcher.setProjectFile(made.file());
    QTRY_COMPARE_WITH_TIMEOUT(watcher.steps()->size(), size_t(steps), 20000);
    QVERIFY(seenEarly > 1000 && seenEarly < size_t(steps) / 2);
    QVERIFY(shares >= 2 && !watcher.loading() && !resumable);
    QCOMPARE(stepEvents, RecentEvents::kept_steps);
    QCOMPARE(watcher.progress().step, steps);
    QCOMPARE(watcher.state(), RunState::stopped);
    QTRY_VERIFY(std::filesystem::exists(columns_file(run.events())));

    EventLog(run.events()).append({.body = WarningEvent{.message = "more"}});
    RunWatcher again;
    QSignalSpy loading(&again, &RunWatcher::loadingChanged);
    again.setProjectFile(made.file());
    QTRY_COMPARE(again.steps()->size(), size_t(steps));
    QVERIFY(loading.isEmpty());
    QCOMPARE(again.progress().step, steps);
    // Another run forgets the steps.
    again.setProjectFile({});
    QVERIFY(again.steps()->is_empty());
  }

  /// However many lines a run writes a second, the window draws no more often than the watcher looks.
  void aBusyRunIsToldOfNowAndThen() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    EventLog log(run.events());
    log.append({.body = RunStartedEvent{.stages = {{"DPT", 999}}}});
    RunWatcher watcher;
    int told = 0;
    connect(&watcher, &RunWatcher::eventsArrived, this, [&told] { ++told; });
    watcher.setProjectFile(made.file());
    QTRY_COMPARE(told, 1);
    QElapsedTimer time;
    time.start();
    for (int64_t step = 1; step <= 60; ++step) {
      log.append({double(step), "DPT", step, step, StepEvent{.total = 1}});
      QTest::qWait(10);
    }
    QTRY_COMPARE(watcher.steps()->size(), size_t(60));
    QVERIFY2(told <= 2 + time.elapsed() / 150, qPrintable(QStringLiteral("%1 times").arg(told)));
  }

  void aStageMayComeTwice() {
    RunProgress progress;
    progress.consume({.body = RunStartedEvent{.stages = {{"SFT", 1}, {"SFT", 1}}}});
    for (int i = 1; i <= 2; ++i) {
      progress.consume({.stage = "SFT", .body = StageStartedEvent{.steps = 1}});
      progress.consume({.time = double(i), .stage = "SFT", .stage_step = 1, .step = i, .body = StepEvent{}});
      progress.consume({.stage = "SFT", .stage_step = 1, .step = i, .body = StageFinishedEvent{}});
    }
    QCOMPARE(progress.stages.size(), size_t(2));
    QVERIFY(progress.stages[0].finished && progress.stages[1].finished);
  }

  void toleratesAnyValues() {
    RunProgress progress;
    progress.consume({.body = RunStartedEvent{}});
    progress.consume({.body = RunStartedEvent{.stages = {{"", INT64_MAX}, {"X", INT64_MIN}}}});
    progress.consume({.time = -1, .stage = "X", .stage_step = -5, .body = StepEvent{.seconds = NAN}});
    progress.consume({.stage = "never begun", .body = StageFinishedEvent{}});
    progress.consume({.body = UnknownEvent{.name = "from the future"}});
    QVERIFY(progress.stages.size() >= 1);
    QVERIFY(!progress.timeLeft(0));
  }

  /// What a newer version has written into the run's events, and what is damaged, the window tells as warnings.
  void namesWhatItCannotRead() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    made.write(QStringLiteral("runs/one/events.jsonl"), R"({"type":"run_started","time":1,"step":0})"
                                                        "\n"
                                                        R"({"type":"merged","time":2,"step":1})"
                                                        "\n"
                                                        R"({"type":"step","time":3,"step":"two"})"
                                                        "\n");
    RunWatcher watcher;
    QStringList warnings;
    connect(&watcher, &RunWatcher::eventsArrived, this, [&](const std::vector<Event>& events) {
      for (const Event& event : events)
        if (const auto* warning = event.as<WarningEvent>()) warnings << QString::fromStdString(warning->message);
    });
    watcher.setProjectFile(made.file());
    QTRY_COMPARE(warnings.size(), 2);
    QVERIFY2(warnings[0].contains(QStringLiteral("merged")), qPrintable(warnings[0]));
    QVERIFY2(warnings[1].contains(QStringLiteral("line 3: step.step must be")), qPrintable(warnings[1]));
  }

  void timeLeftReadsWell() {
    QCOMPARE(timeLeftText(10), QStringLiteral("under a minute left"));
    QCOMPARE(timeLeftText(12 * 60), QStringLiteral("12 min left"));
    QCOMPARE(timeLeftText(65 * 60), QStringLiteral("1 h 5 min left"));
    QCOMPARE(timeLeftText(51 * 3600), QStringLiteral("2 days 3 h left"));
    QLocale::setDefault(QLocale(QStringLiteral("de_DE")));
    const QDateTime noon(QDate(2026, 11, 30), QTime(12, 0));  // a Monday
    const QString today = timeLeftText({65 * 60, false, {}}, noon), later = timeLeftText({51 * 3600, true, {}}, noon);
    QLocale::setDefault(QLocale::c());
    QCOMPARE(today, QStringLiteral("1 h 5 min left, until 13:05"));
    const QString wednesday = QLocale(QStringLiteral("de_DE")).dayName(3, QLocale::ShortFormat);
    QCOMPARE(later, QStringLiteral("about 2 days 3 h left, until %1 15:00").arg(wednesday));
    QCOMPARE(timeLeftText({60, false, {"SFT", "DFT"}}, noon), QStringLiteral("1 min left, then SFT, DFT"));
    QCOMPARE(timeLeftText({60, false, {}}, {}), QStringLiteral("1 min left"));
    QCOMPARE(timeLeftText({10, true, {}}, {}), QStringLiteral("under a minute left"));
  }

  void commandsReportTheirLastLine() {
    FakeEngine engine(
        "if [ \"$1\" = good ]; then echo fine; else echo noise >&2; echo 'llavakd: no such template' >&2; exit 2; "
        "fi\n");
    EngineResult good, bad;
    int calls = 0;
    runEngineCommand({QStringLiteral("good")}, this, [&](const EngineResult& result) {
      good = result;
      ++calls;
    });
    runEngineCommand({QStringLiteral("bad")}, this, [&](const EngineResult& result) {
      bad = result;
      ++calls;
    });
    QTRY_COMPARE(calls, 2);
    QVERIFY(good.ok);
    QCOMPARE(good.output, QByteArray("fine\n"));
    QVERIFY(!bad.ok);
    QCOMPARE(bad.error, QStringLiteral("no such template"));
  }

  void serveAnswersAndFails() {
    FakeEngine engine(R"(read line
echo 'not json'
echo '{"jsonrpc":"2.0","id":1,"result":{"text":"a cat"}}'
read line
echo '{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"the picture is not there"}}'
read line
echo 'llavakd: out of memory' >&2
exit 1
)");
    ServeClient client;
    QString text, error, last;
    client.call(QStringLiteral("answer"), {}, this, [&](const nlohmann::json&, const QString& why) { last = why; });
    QTRY_VERIFY(!last.isEmpty());  // no project yet
    ServeClient serving;
    serving.setProjectFile(QStringLiteral("p.kdproj"));
    serving.call(
        QStringLiteral("answer"), {{"image", "x.png"}}, this,
        [&](const nlohmann::json& result, const QString&) { text = QString::fromStdString(result.value("text", "")); });
    QTRY_COMPARE(text, QStringLiteral("a cat"));
    serving.call(QStringLiteral("answer"), {}, this, [&](const nlohmann::json&, const QString& why) { error = why; });
    QTRY_COMPARE(error, QStringLiteral("the picture is not there"));
    last.clear();
    serving.call(QStringLiteral("answer"), {}, this, [&](const nlohmann::json&, const QString& why) { last = why; });
    QTRY_COMPARE(last, QStringLiteral("out of memory"));
    QVERIFY(!serving.isBusy());
  }

  void theCommandIsShownAsAShellTakesIt() {
    QCOMPARE(trainCommandText(QStringLiteral("a.kdproj")), QStringLiteral("llavakd train a.kdproj"));
    QCOMPARE(showCommandText(QStringLiteral("a b.kdproj"), QStringLiteral("one")),
             QStringLiteral("llavakd runs show 'a b.kdproj' one"));
    QCOMPARE(trainCommandText(QStringLiteral("a.kdproj"), QStringLiteral("one")),
             QStringLiteral("llavakd train a.kdproj --run one"));
    QCOMPARE(trainCommandText(QStringLiteral("it's a $x.kdproj"), QStringLiteral("one"), RunVerb::resume),
             QStringLiteral("llavakd train 'it'\\''s a $x.kdproj' --resume one"));
  }

  void aRunThatCannotBeginSaysWhy() {
    FakeEngine engine("echo 'llavakd: the teacher is missing' >&2; exit 2\n");
    MadeProject made;
    EngineProcess process;
    QSignalSpy failed(&process, &EngineProcess::failed);
    process.start(made.file(), QStringLiteral("one"));
    QVERIFY(failed.wait(5000));
    QCOMPARE(failed[0][0].toString(), QStringLiteral("the teacher is missing"));
  }

  /// The folder of a run that is resumed is there before; only what is written to it tells that it goes on.
  void aResumeThatIsRefusedSaysWhy() {
    FakeEngine engine("echo 'llavakd: the data have changed' >&2; exit 2\n");
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "one");
    write_run_info(run, {.status = "stopped"});
    made.write(QStringLiteral("runs/one/events.jsonl"), "");
    EngineProcess process;
    QSignalSpy failed(&process, &EngineProcess::failed);
    process.start(made.file(), QStringLiteral("one"), true);
    QVERIFY(failed.wait(5000));
    QCOMPARE(failed[0][0].toString(), QStringLiteral("the data have changed"));
  }

  void aRunOutlivesWhoStartedIt() {
    FakeEngine engine(
        "mkdir -p \"$(dirname \"$2\")/runs/$4\"; sleep 1; echo done > \"$(dirname \"$2\")/runs/$4/late\"\n");
    MadeProject made;
    {
      EngineProcess process;
      process.start(made.file(), QStringLiteral("one"));
    }
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(made.path(QStringLiteral("runs/one/late"))), 8000);
  }

  void aKilledRunIsInterrupted() {
    MadeProject made;
    RunFolder run = create_run(toPath(made.file()), "dead");
    RunInfo info;
    info.status = "running";
    info.pid = 0x3fffffff;  // above every system's largest
    write_run_info(run, info);
    RunWatcher watcher;
    watcher.setProjectFile(made.file());
    QTRY_COMPARE(watcher.state(), RunState::interrupted);
    QCOMPARE(watcher.runFolder(), made.path(QStringLiteral("runs/dead")));
  }
};

QTEST_GUILESS_MAIN(EngineTest)
#include "tst_engine.moc"
