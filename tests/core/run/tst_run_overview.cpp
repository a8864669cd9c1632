// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QtTest>

#include <fstream>

#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/run/event_log.h"
#include "core/run/event_tail.h"
#include "core/run/run_overview.h"
#include "core/run/run_record.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunOverview : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path folder() const { return m_folder.path().toStdString(); }
  RunFolder run() const { return {folder() / "runs" / "one"}; }

  static Event step_at(int64_t step) {
    return {.time = 100.0 + static_cast<double>(step),
            .stage = "DPT",
            .stage_step = step,
            .step = step,
            .body = StepEvent{.terms = {{"ce", 2.0 / static_cast<double>(step)}}, .total = 0.5}};
  }

  void write_log(const std::vector<Event>& events) const {
    fs::remove(run().events());
    EventLog log(run().events());
    for (const Event& event : events) log.append(event);
  }

  RunOverview overview(RunInfo info = {}) const {
    if (info.status.empty()) info.status = "stopped";
    if (info.started == 0) info.started = 100;
    write_run_info(run(), info);
    ListedRun listed{.folder = run()};
    listed.info = read_run_info(run());
    return run_overview(std::move(listed));
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(run().path);
  }

  void whatAListShowsIsRead() {
    std::vector<Event> events{
        {.time = 100, .stage = "DPT", .body = RunStartedEvent{.stages = {{"DPT", 5}, {"SFT", 7}}}}};
    for (int64_t step = 1; step <= 4; ++step) events.push_back(step_at(step));
    events.push_back(
        {.time = 110, .stage = "DPT", .stage_step = 4, .step = 4, .body = FailedEvent{.message = "Full."}});
    write_log(events);
    const RunOverview seen = overview({.status = "failed"});
    QVERIFY(seen.status == RunStatus::failed);
    QCOMPARE(seen.stage, "DPT");
    QCOMPARE(seen.step, int64_t{4});
    QCOMPARE(seen.planned_steps, int64_t{12});
    QCOMPARE(number_of(seen.terms, "ce"), 0.5);
    QCOMPARE(seen.total, 0.5);
    QCOMPARE(seen.message, "Full.");
    QCOMPARE(seen.last_event, 110.0);
    QCOMPARE(seen.seconds, 10.0);
    QVERIFY(seen.scores.empty());
  }

  /// Nights between two processes don't count.
  void theTimeAtWorkIsThatOfItsProcesses() {
    write_log({step_at(1), step_at(50)});
    RunInfo info;
    info.worked = 30;
    info.session = 140;
    QCOMPARE(overview(info).seconds, 40.0);
    info.session = 900;  // it has said nothing yet
    QCOMPARE(overview(info).seconds, 30.0);
  }

  void pausesAreNoTimeAtWork() {
    write_log({step_at(1), step_at(50)});
    RunInfo info;
    info.session = 100;
    info.paused = 20;
    QCOMPARE(overview(info).seconds, 30.0);
    fs::remove_all(run().path);
    RunRecord record(run(), {}, std::nullopt, false);
    record.emit(PausedEvent{}, {});
    QTest::qSleep(30);
    record.emit(CheckpointEvent{}, {});  // saved meanwhile
    QTest::qSleep(30);
    record.emit(UnpausedEvent{}, {});
    const double paused = read_run_info(run()).paused;
    QVERIFY2(paused >= 0.05, QByteArray::number(paused));
    QTest::qSleep(30);
    record.emit(WarningEvent{}, {});
    record.set_status("stopped");
    QCOMPARE(read_run_info(run()).paused, paused);
  }

  void theNewestPlanCounts() {
    write_log({{.time = 1, .stage = "DPT", .body = RunStartedEvent{.stages = {{"DPT", 5}}}}, step_at(1)});
    RunInfo info;
    info.plan = {{"DPT", 8}, {"SFT", 1}};
    QCOMPARE(overview().planned_steps, int64_t{5});
    write_log({step_at(1)});
    QCOMPARE(overview(info).planned_steps, int64_t{9});
    write_log({step_at(1), {.time = 3, .stage = "DPT", .body = RunResumedEvent{.stages = {{"DPT", 6}}}}});
    QCOMPARE(overview(info).planned_steps, int64_t{6});
  }

  void aPauseOfItsOwnSaysWhy() {
    write_log(
        {step_at(1), {.time = 102, .stage = "DPT", .step = 1, .body = PausedEvent{.reason = "The disk is full."}}});
    QCOMPARE(overview().message, "The disk is full.");
    write_log({step_at(1),
               {.time = 102, .stage = "DPT", .step = 1, .body = PausedEvent{.reason = "The disk is full."}},
               {.time = 103, .stage = "DPT", .step = 1, .body = UnpausedEvent{}}});
    QVERIFY(overview().message.empty());
  }

  void scoresAreThoseOfTheNewestEvaluation() {
    fs::create_directories(run().evaluations());
    const TaskResult old{.score = 10, .n = 5, .scorer = "exact_match"},
        newer{.score = 58.3, .n = 300, .scorer = "exact_match"};
    write_json(run().evaluations() / "DPT-9.json", nlohmann::ordered_json::array({to_json(old)}));
    write_json(run().evaluations() / "DPT-10.json", nlohmann::ordered_json::array({to_json(newer)}));
    write_file_atomically(run().evaluations() / "notes-11.json", "{");
    fs::remove(run().evaluations() / "notes-11.json");
    write_log({step_at(1)});
    RunOverview seen = overview();
    QCOMPARE(seen.scores.size(), size_t{1});
    QCOMPARE(*seen.scores[0].score, 58.3);
    QCOMPARE(seen.scores[0].n, int64_t{300});
    write_log({step_at(1), {.time = 5, .stage = "DPT", .step = 1, .body = EvaluationEvent{.result = old}}});
    seen = overview();
    QCOMPARE(*seen.scores[0].score, 10.0);
  }

  void hostileFilesAreNoReasonToThrow_data() {
    QTest::addColumn<QByteArray>("events");
    int number = 0;
    for (const char* text : {"", "\n\n", "{", "{\"type\":\"step\",\"terms\":3}\n", "\xff\xfe\n",
                             "{\"type\":\"run_started\",\"stages\":[{\"steps\":9223372036854775807},"
                             "{\"steps\":9223372036854775807}]}\n",
                             "{\"type\":\"run_started\",\"stages\":[{\"steps\":-5}]}\n"})
      QTest::addRow("case %d", ++number) << QByteArray(text);
    QTest::newRow("one long line") << QByteArray(200'000, 'x');
    QTest::newRow("deep") << QByteArray(100'000, '[') + '\n';
  }

  void hostileFilesAreNoReasonToThrow() {
    QFETCH(QByteArray, events);
    write_file_atomically(run().events(), events.toStdString());
    write_file_atomically(run().path / "notes.json", "{\"tags\": 1}");
    fs::create_directories(run().evaluations());
    write_file_atomically(run().evaluations() / "DPT-99999999999999999999.json", "{}");
    write_file_atomically(run().evaluations() / "DPT-7.json", "[1, {\"score\": \"much\"}]");
    const RunOverview seen = overview();
    QVERIFY(seen.planned_steps >= 0);
    QVERIFY(!seen.notes_fault.empty());
  }

  /// 300,000 steps: the end and the beginning are read, no more.
  void aLongLogIsReadAtItsEnds() {
    {
      std::ofstream log(run().events(), std::ios::binary);
      log << to_line({.time = 100, .stage = "DPT", .body = RunStartedEvent{.stages = {{"DPT", 300'000}}}}) << '\n';
      std::string line = to_line(step_at(7));
      for (int i = 0; i < 300'000; ++i) log << line << '\n';
      log << to_line(step_at(299'999)) << '\n';
    }
    QVERIFY(fs::file_size(run().events()) > 50'000'000);
    QElapsedTimer timer;
    timer.start();
    const RunOverview seen = overview();
    const qint64 milliseconds = timer.elapsed();
    QCOMPARE(seen.step, int64_t{299'999});
    QCOMPARE(seen.planned_steps, int64_t{300'000});
    QVERIFY2(milliseconds < 500, qPrintable(QString::number(milliseconds)));
    QVERIFY(newest_events(run().events()).size() < 1000);
  }

  /// After the last step thousands of warnings: it is still found.
  void aTailWithoutStepsIsReadFurther() {
    std::vector<Event> events{step_at(1), step_at(2)};
    for (int i = 0; i < 3000; ++i)
      events.push_back(
          {.time = 200, .stage = "DPT", .stage_step = 2, .step = 2, .body = WarningEvent{.message = "Look."}});
    write_log(events);
    QCOMPARE(number_of(overview().terms, "ce"), 1.0);
  }

  void aNewerFormatSaysNothing() {
    std::ofstream(run().events()) << R"({"type":"run_started","format":99,"stage":"DPT","step":0})" << '\n'
                                  << to_line(step_at(5)) << '\n';
    const RunOverview seen = overview();
    QCOMPARE(seen.step, int64_t{0});
    QVERIFY(seen.terms.empty());
  }

  void statusesFollowTheProcess() {
    RunInfo info{.status = "running"};
    QVERIFY(status_of(info) == RunStatus::interrupted);
    info.status = "finished";
    QVERIFY(status_of(info) == RunStatus::finished);
    QCOMPARE(name_of(RunStatus::interrupted), "interrupted");
  }

  void thePlanAndTheTimesAreKept() {
    RunInfo info;
    info.plan = {{"DPT", 5}};
    info.worked = 2.5;
    info.session = 7;
    write_run_info(run(), info);
    const RunInfo read = read_run_info(run());
    QCOMPARE(read.plan.size(), size_t{1});
    QCOMPARE(read.plan[0].steps, int64_t{5});
    QCOMPARE(read.worked, 2.5);
    QCOMPARE(read.session, 7.0);
    write_file_atomically(run().info(), R"({"plan": [3, {"steps": -1}, {"steps": 1e300}], "worked": "long"})");
    QCOMPARE(read_run_info(run()).plan.size(), size_t{2});
    QCOMPARE(read_run_info(run()).worked, 0.0);
  }
};

QTEST_APPLESS_MAIN(TestRunOverview)
#include "tst_run_overview.moc"
